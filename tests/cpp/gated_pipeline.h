// A description with an appsrc named "source" and a sink named "sink", and a gate before the sink that a
// test opens and shuts: what is downstream of a lane, without its accidents of timing.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "clock/time_base.h"
#include "gst/runtime.h"
#include "gst/thread_sanitizer.h"
#include "pipeline/pipeline.h"

class GatedPipeline {
  struct Start {
    Start() { skyline::ensure_runtime(); }
  } start_;  // first: the time base asks GStreamer for its clock

 public:
  explicit GatedPipeline(const std::string& description = "appsrc name=source ! fakesink name=sink sync=false")
      : pipeline_(skyline::Pipeline::parse(description, "", failure, events)), source_(child("source")) {
    const skyline::ElementPtr sink = child("sink");
    pad_ = skyline::PadPtr::adopt(gst_element_get_static_pad(sink.get(), "sink"));
    SKYLINE_TSAN_RELEASE(this);
    gst_pad_add_probe(
        pad_.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer self) {
          SKYLINE_TSAN_ACQUIRE(self);
          SKYLINE_TSAN_ACQUIRE(GST_PAD_PROBE_INFO_BUFFER(info));  // AppSource::push released it
          static_cast<GatedPipeline*>(self)->pass(GST_PAD_PROBE_INFO_BUFFER(info));
          return GST_PAD_PROBE_OK;
        },
        this, nullptr);
  }
  ~GatedPipeline() { stop(); }
  GatedPipeline(const GatedPipeline&) = delete;

  // Before play(): runs for every buffer that passes the gate.
  std::function<void(GstBuffer*)> on_buffer;

  void play() {
    SKYLINE_TSAN_RELEASE(this);
    pipeline_->pause(time);
    pipeline_->play();
  }
  void stop() {
    open();
    pipeline_->shut_down(skyline::Deadline::in_seconds(10));
  }
  void shut() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_open_ = false;
  }
  void open() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_open_ = true;
    }
    opened_.notify_all();
  }
  // One more buffer stands at the gate.
  int arrived() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return arrived_;
  }
  std::vector<std::int64_t> times() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return times_;
  }
  bool wait_eos(double timeout_s = 10) { return pipeline_->wait_eos(skyline::Deadline::in_seconds(timeout_s), {}); }
  GstElement* source() const { return source_.get(); }
  skyline::ElementPtr child(const char* name) const {
    return skyline::ElementPtr::adopt(gst_bin_get_by_name(pipeline_->bin(), name));
  }

  const skyline::TimeBase time;
  const std::shared_ptr<skyline::Failure> failure = std::make_shared<skyline::Failure>();
  const std::shared_ptr<skyline::EventQueue> events = std::make_shared<skyline::EventQueue>();

 private:
  void pass(GstBuffer* buffer) {
    std::unique_lock<std::mutex> lock(mutex_);
    ++arrived_;
    opened_.wait(lock, [this] { return is_open_; });
    times_.push_back(static_cast<std::int64_t>(GST_BUFFER_PTS(buffer)));
    lock.unlock();
    if (on_buffer) on_buffer(buffer);
  }

  std::unique_ptr<skyline::Pipeline> pipeline_;
  skyline::ElementPtr source_;
  skyline::PadPtr pad_;
  mutable std::mutex mutex_;
  std::condition_variable opened_;
  std::vector<std::int64_t> times_;  // guarded by mutex_, as what follows
  int arrived_ = 0;
  bool is_open_ = true;
};
