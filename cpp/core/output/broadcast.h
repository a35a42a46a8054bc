// An encode lane together with the outputs that hang on it: one encode, many sinks.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "lane/encode_lane.h"
#include "output/callback_output.h"
#include "output/output.h"
#include "output/recipe.h"
#include "output/ring_output.h"
#include "pipeline/control_thread.h"

namespace skyline {

class Broadcast : public EncodeLane {
 public:
  explicit Broadcast(IntakeSettings settings) : EncodeLane(settings) {}
  ~Broadcast() override;

  // Opens the output (its file, now) and hangs it on the fan-out, before or while frames flow; it begins
  // at a key unit. Throws PipelineError, MissingElementError, SinkError.
  std::shared_ptr<Output> add_output(Recipe recipe);
  // The same for one that takes the frames themselves; it drops its oldest where it is slow.
  std::shared_ptr<Output> add_raw_output(Recipe recipe);
  // The same for any other kind of output of units, which `make` has opened.
  using MakeOutput = std::function<std::shared_ptr<Output>(const OutputContext&)>;
  std::shared_ptr<Output> add_output(const MakeOutput& make);
  // The last units, for save().
  std::shared_ptr<Output> add_ring(RingOutput::Settings settings);
  // As add_output, but it begins with what the ring has. Throws StateError where `ring` is none.
  std::shared_ptr<Output> save(const std::shared_ptr<Output>& ring, Recipe recipe);
  // Units for a thread of the program's own, which takes them from it.
  std::shared_ptr<CallbackOutput> add_callback(CallbackOutput::Settings settings);
  // Drains, finalises and takes off. True when it was finalised within the deadline.
  bool remove_output(const std::shared_ptr<Output>& output, const Deadline& deadline, const Interrupt& interrupt);

 protected:
  bool finish(const Deadline& deadline, const Interrupt& interrupt) override;

 private:
  std::shared_ptr<Output> hang(FanOut& fan_out, const MakeOutput& make);
  // One of the stream's from now on, and not on the fan-out yet.
  std::shared_ptr<Output> keep(FanOut& fan_out, const MakeOutput& make);
  void fail_when_none_is_left();

  std::mutex outputs_mutex_;
  std::vector<std::shared_ptr<Output>> outputs_;  // guarded by outputs_mutex_
  ControlThread control_;
};

}  // namespace skyline
