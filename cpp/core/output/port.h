// An output's bounded queue of units and the appsrc it feeds.
//
// Two sides feed: the lane's streaming thread when a unit comes, and the output's own streaming
// thread when its appsrc runs dry. Where a part begins, the port ends the appsrc it has and keeps
// everything from that unit on until the control thread brings the next one.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "clock/deadline.h"
#include "lane/gop_queue.h"
#include "lane/unit.h"
#include "output/cut_plan.h"
#include "output/output_stats.h"
#include "output/recipe.h"
#include "pipeline/app_source.h"
#include "report/latency.h"

namespace skyline {

class Port {
 public:
  // What the owner does after a unit was offered, without the port's lock.
  struct Answer {
    std::optional<std::int64_t> ask_key_unit;  // at this running time, -1 for now
    std::uint64_t report_dropped = 0;          // at most once a second
  };

  // The unit a new pipeline begins with.
  struct PartStart {
    std::uint64_t unit = 0;    // its number in the queue's life
    std::int64_t pts_ns = 0;
    CapsPtr caps;
    CapsPtr caps_before;       // of the part before; empty for the first
    std::int64_t ended_ns = 0; // where the part before ended
  };

  explicit Port(const Recipe& recipe);

  // Called without the port's lock, on the thread that noticed: the owner brings a part. Before the
  // first unit.
  void on_part_wanted(std::function<void()> listener) { part_wanted_ = std::move(listener); }

  Answer offer(const Unit& unit);  // lane's streaming thread; waits for room if the recipe says so
  // Instead of waiting for a key unit: begins with these, the first of which is one. Before any is offered, and
  // within the bounds. A unit that comes again is taken once.
  Answer begin_with(const std::deque<Unit>& units);
  void feed();                     // any streaming thread
  void end();                      // no unit comes after; EOS follows the last one
  // While nobody is there to take them, units are dropped and counted: `hold` lets go of the current appsrc
  // without an EOS. They are reported by take_dropped() alone, until somebody asks that. After `resume` the queue begins at a key unit, which is asked for or only waited for.
  void hold();
  void resume(bool asks_for_key);
  // The queue is still without its first unit, for which it asks from now on.
  bool asks_for_key_now();
  void stop();                     // drops what is queued and whatever comes; the current appsrc gets EOS

  std::optional<PartStart> wanted_part();
  // `source` takes over at `start`. False if that unit was dropped meanwhile: look again.
  // The source must outlive its release: its EOS, stop() or release().
  bool adopt(AppSource& source, const PartStart& start);
  // Before `source` is destroyed. True if it was still being fed.
  bool release(const AppSource& source);

  bool drained() const;            // ended or stopped, and everything handed over
  OutputStats stats() const;  // what a port knows of it: not the parts, the peer or the clients
  std::int64_t sent_until_ns() const;  // where the last unit handed over ends
  std::uint64_t take_dropped();    // not yet reported

 private:
  static constexpr std::int64_t kAskAgain_ns = 1'000'000'000;

  void ask_for_key(std::int64_t pts_ns, Answer& answer);
  bool enter(const Unit& unit, Answer& answer);
  void drop(std::uint64_t units);
  void note_sent(const Unit& unit);
  void drop_oldest();
  void feed_locked();
  bool cut_is_due() const { return !cuts_.empty() && cuts_.front() <= popped_; }
  bool notices_part_wanted();

  const bool waits_;
  std::function<void()> part_wanted_;

  mutable std::mutex mutex_;             // taken before appsrc's own, never while a state changes
  std::condition_variable room_;
  GopQueue queue_;                       // everything below: guarded by mutex_
  CutPlan plan_;
  std::uint64_t last_number_ = 0;        // of the units taken; a successor's are larger
  std::deque<std::uint64_t> cuts_;       // numbers of the units that begin a part
  std::uint64_t popped_ = 0;             // number of the unit at the front
  AppSource* source_ = nullptr;
  std::int64_t sent_pts_ns_ = -1;        // the latest handed over
  std::int64_t distance_ns_ = 33'333'333;         // from the one before it; the first unit is taken for one of 30 a second
  std::int64_t distance_before_ns_ = 33'333'333;  // and from the one before that to that
  CapsPtr caps_in_;                      // of the last unit taken
  CapsPtr caps_out_;                     // of the last unit handed over
  OutputStats stats_;
  Latency latency_;
  std::uint64_t unreported_ = 0;
  SteadyClock::time_point reported_{};
  std::optional<std::int64_t> asked_key_ns_;
  unsigned waiting_ = 0;                 // consumers inside offer()
  bool begun_ = false;                   // the first key unit has come
  bool ended_ = false;
  bool stopped_ = false;
  bool held_ = false;
  bool reports_ = true;
  bool asks_for_key_ = true;
  bool part_noticed_ = false;
};

}  // namespace skyline
