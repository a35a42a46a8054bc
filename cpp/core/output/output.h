// A sink that runs: what the stream knows of every output, whatever it is made of.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clock/deadline.h"
#include "clock/time_base.h"
#include "lane/fan_out.h"
#include "output/output_stats.h"
#include "pipeline/control_thread.h"
#include "report/event_queue.h"
#include "report/failure.h"

namespace skyline {

// What a stream lends to each of its outputs. The fan-out belongs to the stream, and only its streaming
// thread calls consume(); the rest are shares, because an output may outlive its stream.
struct OutputContext {
  TimeBase time;
  FanOut& fan_out;
  ControlThread control;
  std::shared_ptr<EventQueue> events;
};

class Output : public UnitConsumer, public std::enable_shared_from_this<Output> {
 public:
  // connecting: no unit has got through yet, for want of a key unit or of the peer. backoff: the peer was lost
  // and is tried again later. finishing: no unit comes any more. stopped: all is written, nothing runs.
  enum class State { connecting, live, backoff, finishing, stopped, failed };
  static const char* state_name(State state);

  virtual State state() const = 0;
  virtual OutputStats stats() const = 0;
  const std::shared_ptr<Failure>& failure() const { return failure_; }  // its neighbours go on
  const std::string& name() const { return name_; }

  // Waits until every queued unit was written and the sink is finalised; NULL on the control thread.
  // True when it was; false at the deadline (then aborted, at most 1.5 s later) or after a failure.
  // end_of_units is implied. May be called again, also after `interrupt` threw.
  bool finish(const Deadline& deadline, const Interrupt& interrupt);
  // The same for several of one stream: those that are late are aborted side by side, so that the bound does not
  // grow with their number. True when all were finalised.
  static bool finish_all(const std::vector<std::shared_ptr<Output>>& outputs, const Deadline& deadline,
                         const Interrupt& interrupt);

 protected:
  Output(std::string name, const OutputContext& context);

  // True once nothing of it runs any more; false at `until`.
  virtual bool wait_settled(SteadyClock::time_point until) = 0;
  // Gives up what is not done yet, in two steps on the control thread, so that several go down side by side:
  // the first begins and waits for nothing, the second ends it.
  virtual void begin_abort() = 0;
  virtual void end_abort() = 0;

  // True, and told as "failed", for the first failure; of several threads one is the first.
  bool latch_failure(BusError error);
  void post_event(const char* kind, std::string message, std::uint64_t count = 0);

  const std::string name_;
  const TimeBase time_;
  FanOut& fan_out_;
  ControlThread control_;
  const std::shared_ptr<EventQueue> events_;
  const std::shared_ptr<Failure> failure_ = std::make_shared<Failure>();

 private:
  bool wait_settled(const Deadline& deadline, const Interrupt& interrupt);
};

}  // namespace skyline
