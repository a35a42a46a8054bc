// A sink that runs: a port fed by the fan-out and, one after the other, the pipelines it feeds.
//
// States: waiting_key -> running -> finishing -> finished, or failed. An output without parts has one
// pipeline for life. With parts, a successor adopts the port's queue at a key unit (hand_over.cpp) while
// the old pipeline takes its EOS; no unit is lost in between.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clock/deadline.h"
#include "clock/time_base.h"
#include "lane/fan_out.h"
#include "output/part.h"
#include "output/port.h"
#include "output/recipe.h"
#include "pipeline/control_thread.h"
#include "report/event_queue.h"
#include "report/failure.h"

namespace skyline {

// units_in == units_sent + units_dropped + units_queued in every value of it.
struct OutputStats {
  std::uint64_t units_in = 0;       // offered by the fan-out since the first key unit
  std::uint64_t units_sent = 0;     // handed to a pipeline
  std::uint64_t units_dropped = 0;  // by the bound, or because the output had failed
  std::uint64_t units_queued = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t key_units = 0;
  unsigned parts = 0;               // pipelines begun
  LatencyReport latency;            // from put to sent, of the first unit of each frame
};

class Output : public UnitConsumer, public std::enable_shared_from_this<Output> {
 public:
  enum class State { waiting_key, running, finishing, finished, failed };

  // `fan_out` belongs to the stream, and only its streaming thread calls consume(). The output itself may
  // outlive the stream: it has its own copies of the rest.
  static std::shared_ptr<Output> create(Recipe recipe, const TimeBase& time, FanOut& fan_out, const ControlThread& control,
                                        std::shared_ptr<EventQueue> events);
  // Without finish() before it the pipelines are aborted, on the control thread.
  ~Output() override;

  // Builds the first pipeline and opens its file, so that a wrong path speaks at once. Throws
  // PipelineError. Afterwards the caller adds it to the fan-out.
  void open();

  void consume(const Unit& unit) override;   // streaming thread of the lane
  void end_of_units() override;              // after it the queue drains and EOS follows

  // Waits until every queued unit was written and the file is finalised; NULL on the control thread.
  // True when it was; false at the deadline (then aborted, at most 1.5 s later) or after a failure.
  // end_of_units is implied. May be called again, also after `interrupt` threw.
  bool finish(const Deadline& deadline, const Interrupt& interrupt);
  // The same for several of one stream: those that are late are aborted side by side, so that the bound does not
  // grow with their number. True when all were finalised.
  static bool finish_all(const std::vector<std::shared_ptr<Output>>& outputs, const Deadline& deadline,
                         const Interrupt& interrupt);

  State state() const;
  OutputStats stats() const;
  const std::shared_ptr<Failure>& failure() const { return failure_; }  // its neighbours go on
  const std::string& name() const { return recipe_.name; }

 private:
  Output(Recipe recipe, const TimeBase& time, FanOut& fan_out, const ControlThread& control, std::shared_ptr<EventQueue> events);

  // The control thread's whole work: does what is due and returns. Everything else only asks for it,
  // so it does not matter in which order EOS, failures, cuts and the end are noticed.
  void advance();
  void ask_advance();
  std::unique_ptr<Part> make_part();
  void retire_parts();
  void hand_over();
  bool prepare_part(std::int64_t start_ns);
  void note_part_begun();
  void begin_abort();
  void abort_parts();
  void settle();

  unsigned parts_begun() const;
  void fail(BusError error);
  void fail_changed_caps(const Port::PartStart& start);
  void post_event(const char* kind, std::string message, std::uint64_t count = 0);
  bool wait_settled(SteadyClock::time_point until);
  bool wait_settled(const Deadline& deadline, const Interrupt& interrupt);

  const Recipe recipe_;
  const TimeBase time_;
  FanOut& fan_out_;
  ControlThread control_;
  const std::shared_ptr<EventQueue> events_;
  const std::shared_ptr<Failure> failure_ = std::make_shared<Failure>();
  const std::shared_ptr<Port> port_;  // shared with the callbacks of the parts

  // The control thread's alone once open() has returned.
  std::vector<std::unique_ptr<Part>> parts_;  // fed, or on their way to EOS
  std::unique_ptr<Part> next_part_;           // opened, not fed yet
  std::optional<Deadline> abort_by_;          // set once the end was waited for in vain
  bool gave_up_ = false;                      // then: something was still on its way

  mutable std::mutex mutex_;
  std::condition_variable settled_changed_;
  State state_ = State::waiting_key;  // guarded by mutex_; a failure goes before it
  unsigned parts_begun_ = 0;          // guarded by mutex_
  bool opened_ = false;               // guarded by mutex_
  bool settled_ = true;               // guarded by mutex_: no pipeline is left
};

}  // namespace skyline
