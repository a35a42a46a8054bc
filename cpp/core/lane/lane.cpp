#include "lane/lane.h"

#include <utility>

#include "frame/sky_convert.h"
#include "gst/runtime.h"
#include "pipeline/av1_colours.h"
#include "report/errors.h"

namespace skyline {

Lane::Lane(IntakeSettings settings) : time_((ensure_runtime(), TimeBase())), intake_(settings, time_, failure_) {
  register_sky_convert();
  // A failing pipeline wakes every waiting call.
  failure_->on_latch([this] { intake_.queue().close(DropReason::failed); });
}

Lane::~Lane() = default;

void Lane::adopt_source(GstElement* appsrc, std::function<void()> on_frame) {
  show_pipeline();
  for (const LiveElement& encoder : encoders()) {
    if (encoder.factory() == "av1enc") say_av1_colours(encoder.get());
  }
  const PadPtr pad = PadPtr::adopt(gst_element_get_static_pad(appsrc, "src"));
  stride_guard_.watch(pad.get(), std::move(on_frame));
  intake_.queue().connect(std::make_unique<AppSource>(appsrc, is_live(), [this] { intake_.queue().pump(); }));
}

bool Lane::force_keyframe() {
  const std::int64_t from_ns = intake_.next_time_ns();
  if (from_ns < 0) return true;
  const std::vector<LiveElement> asked = encoders();
  for (const LiveElement& encoder : asked) encoder.force_key_unit(from_ns);
  return !asked.empty();
}

std::vector<LiveElement> Lane::encoders() const {
  const ElementPtr running = shown_.get();
  if (!running) throw StateError("nothing runs: the stream has not started, or is stopped");
  return find_encoders(GST_BIN(running.get()));
}

LaneStats Lane::stats() const {
  LaneStats stats;
  stats.intake = intake_.stats();
  stats.intake.copied_frames += stride_guard_.copied_frames();
  return stats;
}

void Lane::dispose(Lane* lane) noexcept {
  if (forked_after_use()) return;  // its threads stayed in the parent
  lane->stop(Deadline(std::chrono::seconds(0)), {});
  if (!lane->is_stuck_) delete lane;
}

bool Lane::stop(const Deadline& deadline, const Interrupt& interrupt) {
  std::unique_lock<std::mutex> lock(stop_mutex_);
  while (stopping_) {
    stop_ended_.wait_until(lock, deadline.slice());
    if (!stopping_) break;
    if (deadline.passed()) return false;
    if (!interrupt) continue;
    lock.unlock();
    interrupt();
    lock.lock();
  }
  if (stopped_) return finalised_;
  stopping_ = true;
  lock.unlock();
  // Also when the interrupt throws: the next stop then goes on from there.
  const struct Ended {
    Lane& lane;
    ~Ended() {
      {
        const std::lock_guard<std::mutex> guard(lane.stop_mutex_);
        lane.stopping_ = false;
      }
      lane.stop_ended_.notify_all();
    }
  } ended{*this};
  return stop_once(deadline, interrupt);
}

bool Lane::shut_down(const Deadline& deadline) { return pipeline_ == nullptr || pipeline_->shut_down(deadline); }

bool Lane::stop_once(const Deadline& deadline, const Interrupt& interrupt) {
  intake_.queue().end_of_frames();
  const bool finished = finish(deadline, interrupt);
  const auto reason = failure_->happened() ? DropReason::failed : DropReason::stopped;
  intake_.queue().close(reason);
  const bool went_null = shut_down(deadline.passed() ? Deadline(std::chrono::seconds(1)) : deadline);
  intake_.queue().drop_in_flight(reason);
  if (went_null) {
    intake_.queue().disconnect();
    pipeline_.reset();
  }
  const std::lock_guard<std::mutex> lock(stop_mutex_);
  is_stuck_ = !went_null;  // its threads still call us
  stopped_ = true;
  finalised_ = finished && went_null && !failure_->happened();
  events_->close();
  return finalised_;
}

}  // namespace skyline
