// The bounded queue between the caller's thread and a lane's appsrc, and the books of every frame.
//
// One mutex guards queue and counters, so that at every look
//   frames_in == frames_encoded + frames_dropped (by reason) + frames_in_flight.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "clock/deadline.h"
#include "gst/owned.h"
#include "lane/frame_latency.h"
#include "pipeline/app_source.h"
#include "report/failure.h"

namespace skyline {

enum class Leaky { none, upstream, downstream };  // when full: wait, drop the new, drop the oldest
enum class DropReason { queue_full, timeout, failed, stopped, unwatched };
constexpr std::size_t kDropReasons = 5;
const char* drop_reason_name(DropReason reason);

struct FrameCounters {
  std::uint64_t frames_in = 0;
  std::uint64_t frames_encoded = 0;
  std::array<std::uint64_t, kDropReasons> frames_dropped{};
  std::uint64_t frames_in_flight = 0;
  std::size_t level_buffers = 0;
  std::int64_t queue_age_ns = 0;      // since the oldest of them was put
  FrameLatencyReport latency;         // at every look, of no more frames than were encoded
};

class FrameQueue {
 public:
  FrameQueue(Leaky leaky, unsigned max_buffers, std::shared_ptr<Failure> failure);

  // The pipeline side appears: what is queued begins to flow.
  void connect(std::unique_ptr<AppSource> source);
  // EOS follows the last frame; waiting calls end with a StateError.
  void end_of_frames();
  // Nothing flows any more: what is queued is dropped and counted. Waiting calls end. Idempotent.
  void close(DropReason reason);
  // The appsrc goes, after its pipeline is NULL.
  void disconnect();

  // One frame at a time from here to release_turn(), in the order of the calls. False at the deadline.
  bool take_turn(const Deadline& deadline, const Interrupt& interrupt);
  void release_turn();

  // With leaky none: waits until there is room. False at the deadline; the frame is counted as dropped.
  // With upstream: false at once when full, counted. Needs the turn.
  bool wait_for_room(const Deadline& deadline, const Interrupt& interrupt);
  // Takes the frame, put at `put_ns` of latency_clock_ns(); with leaky downstream the oldest goes when full.
  // False, and counted, where the stream ended since the turn was taken. Needs the turn.
  bool push(BufferPtr buffer, const CapsPtr& caps, std::int64_t put_ns);
  void count_dropped(DropReason reason);  // a frame that came in and went no further

  // What a frame becomes is not to be seen: it counts as encoded once it was taken (streaming thread).
  void note_encoded();
  // A unit of this running time came out, -1 for none (streaming thread). When its frame was put, for the first of
  // a frame. An encoder may give more units than it got frames (one per NAL, say): those count for none.
  std::optional<std::int64_t> note_encoded(std::int64_t pts_ns);
  // A frame that entered the pipeline goes no further (streaming thread).
  void note_dropped(DropReason reason);
  // When the frame of this running time was put; nothing where none is remembered. Counts nothing.
  std::optional<std::int64_t> put_time(std::int64_t pts_ns);
  void note_sent(std::int64_t pts_ns);    // a description's frame came to a sink (streaming thread)
  void drop_in_flight(DropReason reason); // the pipeline is gone: what it still had is counted
  FrameCounters counters() const;

  void refuse_unless_open() const;        // throws StateError or the failure
  void pump();                            // feeds the appsrc while it wants data; any thread

 private:
  struct Queued {
    BufferPtr buffer;
    CapsPtr caps;
    std::int64_t put_ns;
  };

  void pump_locked();
  void push_front_locked();
  bool count_encoded_locked();
  void drop_queued_locked(DropReason reason);
  std::uint64_t in_flight_locked() const;
  bool is_over_locked() const { return ending_ || closed_; }

  const Leaky leaky_;
  const unsigned max_buffers_;
  const std::shared_ptr<Failure> failure_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Queued> queue_;             // guarded by mutex_, as everything below
  std::unique_ptr<AppSource> source_;
  CapsPtr last_caps_;
  FrameCounters counters_;
  FrameLatency latency_;
  bool busy_ = false;                    // somebody has the turn
  bool ending_ = false;
  bool eos_sent_ = false;
  bool closed_ = false;
};

}  // namespace skyline
