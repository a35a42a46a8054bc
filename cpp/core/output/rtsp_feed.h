// What a mount gives its media: a queue of whole GOPs that opens and closes with who watches.
//
// While nobody watches nothing is queued. A client that joins begins at a key unit: from the next one on units
// are held back until the library has added the client, so it sees nothing of the GOP before, and those who
// watch already get everything a moment later.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "clock/deadline.h"
#include "lane/gop_queue.h"
#include "output/output.h"
#include "pipeline/app_source.h"

namespace skyline {

// Any thread, except where it says otherwise.
class RtspFeed : public std::enable_shared_from_this<RtspFeed> {
 public:
  explicit RtspFeed(GopQueue::Bounds bounds) : queue_(bounds) {}

  // True where the unit finds a gap before it, so that a key unit has to be asked for.
  bool offer(const Unit& unit);
  void end();                            // what is queued still goes out
  void say_goodbye();                    // after it: the RTP session tells the clients, who leave at once
  void abandon();                        // what is queued does not
  bool is_drained() const;               // ended, and the media has taken everything

  bool is_primed() const;                // a key unit has come
  bool is_watched() const;               // or about to be
  void set_watched(bool watched);
  // Where somebody watches: waits until the next key unit is held back and all before it has left the payloader, at
  // most this long. Then the library adds the client, and release() lets the units go. True where it waited.
  bool hold(std::chrono::milliseconds most);
  void release();

  // The appsrc of a media that is made; of several the last is fed.
  std::shared_ptr<AppSource> attach(GstElement* appsrc);
  // Takes what came before the gate opened out of the media: the primer above all.
  bool is_stale(GstClockTime pts) const { return static_cast<std::int64_t>(pts) < fresh_from_ns_.load(); }  // valid pts

  OutputStats stats() const;

 private:
  static constexpr std::int64_t kNothingIsFresh = INT64_MAX;

  void feed_locked();
  void wanted_by(const std::weak_ptr<AppSource>& source);
  bool wants_units() const { return is_watched_ || is_joining_; }
  void close_gate();
  bool hand_over(AppSource& source, const Unit& unit);

  mutable std::mutex mutex_;
  std::condition_variable went_out_;
  GopQueue queue_;  // everything below: guarded by mutex_
  std::weak_ptr<AppSource> source_;
  Unit primer_;  // the last key unit: what a new media learns its caps from
  bool primed_source_ = false;  // source_ has got it
  bool source_is_dry_ = false;  // all that source_ got has left the media
  bool is_watched_ = false;
  bool is_joining_ = false;
  std::optional<std::uint64_t> held_from_;  // number of the unit that waits for release()
  SteadyClock::time_point held_until_{};
  std::uint64_t popped_ = 0;
  bool ended_ = false;
  OutputStats stats_;
  Latency latency_;
  std::atomic<std::int64_t> fresh_from_ns_{kNothingIsFresh};
};

}  // namespace skyline
