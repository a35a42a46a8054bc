#include "lane/frame_queue.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace skyline {

const char* drop_reason_name(DropReason reason) {
  constexpr std::array<const char*, kDropReasons> names = {"queue_full", "timeout", "failed", "stopped", "unwatched"};
  return names[static_cast<std::size_t>(reason)];
}

FrameQueue::FrameQueue(Leaky leaky, unsigned max_buffers, std::shared_ptr<Failure> failure)
    : leaky_(leaky), max_buffers_(max_buffers), failure_(std::move(failure)) {}

void FrameQueue::connect(std::unique_ptr<AppSource> source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  source_ = std::move(source);
  pump_locked();
}

void FrameQueue::end_of_frames() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
    pump_locked();
  }
  changed_.notify_all();
}

void FrameQueue::close(DropReason reason) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    drop_queued_locked(reason);
  }
  changed_.notify_all();
}

void FrameQueue::disconnect() {
  std::unique_ptr<AppSource> source;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    source = std::move(source_);
  }
}

bool FrameQueue::take_turn(const Deadline& deadline, const Interrupt& interrupt) {
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait_until(lock, deadline.slice(), [this] { return !busy_ || is_over_locked(); });
      if (!busy_ && !is_over_locked()) {
        busy_ = true;
        return true;
      }
    }
    refuse_unless_open();
    if (deadline.passed()) return false;
    if (interrupt) interrupt();
  }
}

void FrameQueue::release_turn() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    busy_ = false;
  }
  changed_.notify_all();
}

bool FrameQueue::wait_for_room(const Deadline& deadline, const Interrupt& interrupt) {
  if (leaky_ == Leaky::downstream) return true;
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      const auto has_room = [this] { return queue_.size() < max_buffers_ || is_over_locked(); };
      if (leaky_ == Leaky::none) changed_.wait_until(lock, deadline.slice(), has_room);
      if (!is_over_locked() && queue_.size() < max_buffers_) return true;
      if (!is_over_locked() && (leaky_ == Leaky::upstream || deadline.passed())) {
        const auto reason = leaky_ == Leaky::upstream ? DropReason::queue_full : DropReason::timeout;
        ++counters_.frames_in;
        ++counters_.frames_dropped[static_cast<std::size_t>(reason)];
        return false;
      }
    }
    refuse_unless_open();
    if (interrupt) interrupt();
  }
}

bool FrameQueue::push(BufferPtr buffer, const CapsPtr& caps, std::int64_t put_ns) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++counters_.frames_in;
  if (closed_ || eos_sent_) {
    ++counters_.frames_dropped[static_cast<std::size_t>(failure_->happened() ? DropReason::failed : DropReason::stopped)];
    return false;
  }
  if (queue_.size() >= max_buffers_) {
    queue_.pop_front();
    ++counters_.frames_dropped[static_cast<std::size_t>(DropReason::queue_full)];
  }
  queue_.push_back({std::move(buffer), caps, put_ns});
  pump_locked();
  return true;
}

void FrameQueue::count_dropped(DropReason reason) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++counters_.frames_in;
  ++counters_.frames_dropped[static_cast<std::size_t>(reason)];
}

void FrameQueue::note_encoded() {
  const std::lock_guard<std::mutex> lock(mutex_);
  count_encoded_locked();
}

std::optional<std::int64_t> FrameQueue::note_encoded(std::int64_t pts_ns) {
  if (pts_ns < 0) return std::nullopt;
  const std::lock_guard<std::mutex> lock(mutex_);
  FrameLatency::Frame* frame = latency_.find(pts_ns);
  if ((frame != nullptr && frame->has_unit) || !count_encoded_locked()) return std::nullopt;
  return latency_.encoded(frame, latency_clock_ns());
}

void FrameQueue::note_dropped(DropReason reason) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (in_flight_locked() > queue_.size()) ++counters_.frames_dropped[static_cast<std::size_t>(reason)];
}

std::optional<std::int64_t> FrameQueue::put_time(std::int64_t pts_ns) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const FrameLatency::Frame* frame = pts_ns < 0 ? nullptr : latency_.find(pts_ns);
  return frame == nullptr ? std::nullopt : std::optional(frame->put_ns);
}

void FrameQueue::note_sent(std::int64_t pts_ns) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (const auto* frame = latency_.find(pts_ns)) latency_.sent(*frame, latency_clock_ns());
}

// Never more than went in: a unit with a time that no frame had cannot be told from a frame's first one.
bool FrameQueue::count_encoded_locked() {
  if (in_flight_locked() <= queue_.size()) return false;
  ++counters_.frames_encoded;
  return true;
}

std::uint64_t FrameQueue::in_flight_locked() const {
  const auto& dropped = counters_.frames_dropped;
  const std::uint64_t accounted = std::accumulate(dropped.begin(), dropped.end(), counters_.frames_encoded);
  return counters_.frames_in - std::min(accounted, counters_.frames_in);
}

void FrameQueue::drop_in_flight(DropReason reason) {
  const std::lock_guard<std::mutex> lock(mutex_);
  drop_queued_locked(reason);
  counters_.frames_dropped[static_cast<std::size_t>(reason)] += in_flight_locked();
}

FrameCounters FrameQueue::counters() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  FrameCounters counters = counters_;
  counters.level_buffers = queue_.size();
  counters.frames_in_flight = in_flight_locked();
  const std::int64_t now_ns = latency_clock_ns();
  if (!queue_.empty()) counters.queue_age_ns = now_ns - queue_.front().put_ns;
  counters.latency = latency_.report(now_ns);
  return counters;
}

void FrameQueue::refuse_unless_open() const {
  failure_->rethrow();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_over_locked()) throw StateError("the stream was stopped; start it again before the next frame");
}

void FrameQueue::pump() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    pump_locked();
  }
  changed_.notify_all();
}

void FrameQueue::pump_locked() {
  if (!source_ || closed_) return;
  while (!queue_.empty() && source_->wants_data()) push_front_locked();
  if (ending_ && queue_.empty() && !eos_sent_) {
    eos_sent_ = true;
    source_->end_of_stream();
  }
}

void FrameQueue::push_front_locked() {
  Queued next = std::move(queue_.front());
  queue_.pop_front();
  if (next.caps.get() != last_caps_.get()) {
    source_->set_caps(next.caps.get());
    last_caps_ = next.caps;
  }
  const auto pts_ns = static_cast<std::int64_t>(GST_BUFFER_PTS(next.buffer.get()));
  if (source_->push(std::move(next.buffer))) {
    latency_.pushed(pts_ns, next.put_ns, latency_clock_ns());
  } else {
    const auto reason = failure_->happened() ? DropReason::failed : DropReason::stopped;
    ++counters_.frames_dropped[static_cast<std::size_t>(reason)];
  }
}

void FrameQueue::drop_queued_locked(DropReason reason) {
  counters_.frames_dropped[static_cast<std::size_t>(reason)] += queue_.size();
  queue_.clear();
}

}  // namespace skyline
