// An output that keeps the last GOPs in memory, for recordings that begin before they are asked for.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "output/output.h"
#include "output/pipeline_output.h"

namespace skyline {

class RingOutput : public Output {
 public:
  struct Settings {
    std::string name;
    std::int64_t least_ns = 10'000'000'000;  // kept, where as much has come
    std::size_t most_bytes = 0;              // of units; before `least_ns`. 0: no bound
  };

  RingOutput(Settings settings, const OutputContext& context);

  // Puts `output`, which is open and fresh, on the fan-out behind what is kept: it gets every unit from the
  // oldest key unit on, each once, in order. Any thread; waits for nobody. With nothing kept, and after the
  // end of this, it begins at the next key unit like any other.
  void lead(const std::shared_ptr<PipelineOutput>& output);
  // What is kept, for bounds: an output that is led must have room for it.
  GopQueue::Bounds level() const;

  void consume(const Unit& unit) override;
  void end_of_units() override;

  State state() const override;
  OutputStats stats() const override;  // a unit that was kept for as long as promised counts as sent

 protected:
  bool wait_settled(SteadyClock::time_point) override { return true; }  // nothing of it runs
  void begin_abort() override {}
  void end_abort() override {}

 private:
  bool give_up_old();
  std::size_t oldest_gop() const;

  const Settings settings_;

  mutable std::mutex mutex_;                           // everything below
  std::deque<Unit> units_;                             // begins with a key unit
  std::uint64_t bytes_ = 0;
  OutputStats counters_;
  std::vector<std::weak_ptr<PipelineOutput>> joined_;  // since the last unit
  bool has_ended_ = false;
};

}  // namespace skyline
