// An output whose units somebody takes on a thread of his own: encoded units for a program.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "lane/gop_queue.h"
#include "output/output.h"
#include "report/latency.h"

namespace skyline {

class CallbackOutput : public Output {
 public:
  struct Settings {
    std::string name;
    GopQueue::Bounds bounds;
    bool waits = false;                       // for room, instead of dropping whole GOPs
    std::function<std::int64_t()>
        origin_ns;  // running time of the stream's first frame; asked once, with the first unit
  };

  CallbackOutput(Settings settings, const OutputContext& context);

  // The next unit, or nothing at the deadline and once all is over. To ask for the next one says that the
  // last one was dealt with. One thread at a time.
  std::optional<Unit> next(const Deadline& deadline, const Interrupt& interrupt);
  bool is_over() const;
  // What the taker does with units went wrong: counted, and an event at most once a second.
  void note_error(const std::string& what);
  // Of a unit's running time: when its frame was, counted from the stream's first.
  std::int64_t origin_ns() const;

  void consume(const Unit& unit) override;
  void end_of_units() override;

  State state() const override;
  OutputStats stats() const override;

 protected:
  // A taker that stops the stream from within is not waited for: what is left is then dropped.
  bool wait_settled(SteadyClock::time_point until) override;
  void begin_abort() override;
  void end_abort() override {}

 private:
  std::optional<std::int64_t> enter(const Unit& unit, std::unique_lock<std::mutex>& lock);
  bool settle_locked();
  void give_up(std::unique_lock<std::mutex>& lock);

  const Settings settings_;

  mutable std::mutex mutex_;  // everything below
  std::condition_variable arrived_;
  std::condition_variable room_;
  std::condition_variable settled_changed_;
  GopQueue queue_;
  OutputStats counters_;
  Latency latency_;
  std::int64_t origin_ns_ = 0;
  std::optional<std::int64_t> asked_key_ns_;
  SteadyClock::time_point error_reported_{};
  std::uint64_t unreported_ = 0;
  SteadyClock::time_point reported_{};
  std::thread::id taker_;
  bool is_taking_ = false;    // the taker is at a unit
  bool has_begun_ = false;
  bool has_ended_ = false;
  bool is_settled_ = false;
};

}  // namespace skyline
