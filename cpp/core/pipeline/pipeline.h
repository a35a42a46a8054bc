// One GstPipeline with its bus tapped: state changes with a bound, EOS, and the first error kept.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "clock/deadline.h"
#include "clock/time_base.h"
#include "gst/owned.h"
#include "pipeline/bus_watch.h"
#include "pipeline/control_thread.h"
#include "report/event_queue.h"
#include "report/failure.h"

namespace skyline {

class Pipeline {
 public:
  // `name` appears in events; `description` in errors (already redacted by the caller).
  // `failure` and `events` are shared with the owner and outlive this.
  Pipeline(std::string name, std::string description, std::shared_ptr<Failure> failure,
           std::shared_ptr<EventQueue> events);
  // Launch text of the user's own; throws PipelineError (domain "parse") or MissingElementError.
  static std::unique_ptr<Pipeline> parse(const std::string& launch_text, std::string name,
                                         std::shared_ptr<Failure> failure, std::shared_ptr<EventQueue> events);
  ~Pipeline();  // NULL on a helper thread with a short bound; a pipeline that will not stop is abandoned
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  GstElement* element() const { return element_.get(); }
  GstBin* bin() const { return GST_BIN(element_.get()); }

  // To PAUSED and PLAYING on the shared time. Throws PipelineError with the bus's own words when a
  // state change is refused. Never called on a streaming thread.
  void pause(const TimeBase& time, GstClockTime zero_ns = 0);
  void play();
  // pause() with its time applied again, then play(): for outputs that learn their zero late.
  void play_from(const TimeBase& time, GstClockTime zero_ns);

  // Keeps sinks that wait for their moment in step when an element tells of another latency: an encoder knows its
  // own with its first frame only. On the control thread, because the thread that tells may hold an element's
  // lock. Before pause().
  void follow_latency(ControlThread control);

  // Errors of the shut-down itself say nothing: for sinks that have nothing to lose then. shmsink (1.22) always
  // complains that its poll was interrupted.
  void ignore_errors_of_shut_down() { ignores_errors_of_shut_down_ = true; }

  // Runs once when EOS arrives on the bus, on a streaming thread: must not change state.
  void on_eos(std::function<void()> listener);
  bool saw_eos() const;
  // True once EOS was seen; false at the deadline or when the pipeline fails.
  bool wait_eos(const Deadline& deadline, const Interrupt& interrupt);

  // As BusWatch has them, before the pipeline leaves NULL.
  void on_notice(std::function<void(GstMessage*)> listener) { bus_watch_->on_notice(std::move(listener)); }
  void leave_failures_to_owner() { bus_watch_->leave_failures_to_owner(); }

  // NULL within the deadline; true when it got there. Idempotent. A pipeline that will not stop
  // is left to its thread and counted in abandoned_pipelines().
  bool shut_down(const Deadline& deadline);
  // Begins it and does not wait, so that several go down side by side. The element is out of reach from here on.
  void begin_shut_down();
  // Whether what was begun has got to NULL; shut_down() returns at once then.
  bool has_shut_down() const;

 private:
  struct Closing;

  void change_state(GstState state);

  ElementPtr element_;
  std::string name_;
  std::string description_;
  std::shared_ptr<Failure> failure_;
  std::shared_ptr<BusWatch> bus_watch_;
  std::unique_ptr<Closing> closing_;
  bool ignores_errors_of_shut_down_ = false;
};

unsigned abandoned_pipelines() noexcept;

}  // namespace skyline
