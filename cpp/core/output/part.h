// One pipeline of an output: appsrc ! chain, from its opening to NULL.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "clock/deadline.h"
#include "clock/time_base.h"
#include "output/recipe.h"
#include "output/silence.h"
#include "pipeline/app_source.h"
#include "pipeline/pipeline.h"
#include "pipeline/stride_guard.h"
#include "report/event_queue.h"
#include "report/failure.h"

namespace skyline {

// Every change of state happens on the control thread, or before the output is shared. The listeners
// run on streaming threads and must only notify.
class Part {
 public:
  struct Listeners {
    std::function<void()> need_data;  // may push
    std::function<void()> ended;      // EOS has come through
    std::function<void(const BusError&)> failed;  // whoever listens tells it
    std::function<void(GstMessage*)> noticed;     // a warning or progress; may be empty
  };

  // Builds the elements. Throws MissingElementError or SinkError.
  Part(const Recipe& recipe, unsigned index, std::shared_ptr<EventQueue> events, Listeners listeners);
  ~Part();
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  // Before open().
  void follow_latency(ControlThread control) { pipeline_.follow_latency(std::move(control)); }
  // To PAUSED: the file is opened. Throws PipelineError with the sink's own words, and for a pipe that
  // nobody reads, where the sink would wait for ever.
  void open(const TimeBase& time);
  // To PLAYING with its time counted from `zero_ns` of the stream, for units from `start_ns` on. May be
  // called again with other times while nothing was fed.
  void play(const TimeBase& time, std::int64_t zero_ns, std::int64_t start_ns);
  // Starts on the way to NULL and does not wait: close() does.
  void begin_close() { pipeline_.begin_shut_down(); }
  bool has_closed() const { return pipeline_.has_shut_down(); }
  // To NULL within the deadline. A pipeline that will not stop is left behind, and what its threads call too.
  void close(const Deadline& deadline);

  AppSource& source() { return *source_; }
  const ElementPtr& sink() const { return sink_element_; }
  bool is_closed() const { return closed_; }
  bool has_ended() const { return pipeline_.saw_eos(); }
  const Failure& failure() const { return *failure_; }
  const std::string& location() const { return location_; }
  unsigned index() const { return index_; }

 private:
  const unsigned index_;
  const std::string location_;
  const std::string sink_;                  // what the last element is
  const std::shared_ptr<Failure> failure_;  // of this part alone, so that its neighbours can still end well
  Pipeline pipeline_;
  std::unique_ptr<StrideGuard> stride_guard_;  // of raw frames
  std::unique_ptr<AppSource> source_;
  ElementPtr sink_element_;
  std::optional<Silence> silence_;
  bool playing_ = false;
  bool closed_ = false;
};

}  // namespace skyline
