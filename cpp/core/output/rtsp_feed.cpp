#include "output/rtsp_feed.h"

#include <utility>

namespace skyline {
namespace {

// For a client whose PLAY came to nothing: the others do not wait for it any longer.
constexpr std::chrono::milliseconds kLongestHold{500};

}  // namespace

bool RtspFeed::offer(const Unit& unit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (ended_) return false;
  if (!primer_.buffer && !unit.is_key) return true;
  if (unit.is_key) {
    primer_ = unit;
    ++stats_.key_units;
  }
  if (held_from_ && SteadyClock::now() > held_until_) {
    held_from_.reset();
    is_joining_ = false;
    if (!wants_units()) close_gate();
  }
  if (!wants_units()) return false;  // nobody misses it
  ++stats_.units_in;
  if (queue_.is_full()) {
    const std::size_t dropped = queue_.make_room();
    popped_ += dropped;
    stats_.units_dropped += dropped;
  }
  if (!queue_.push(unit)) {
    ++stats_.units_dropped;
    feed_locked();
    return true;
  }
  if (unit.is_key) {
    if (fresh_from_ns_.load() == kNothingIsFresh) fresh_from_ns_.store(unit.pts_ns);
    if (is_joining_ && !held_from_) {
      held_from_ = popped_ + queue_.size() - 1;
      held_until_ = SteadyClock::now() + kLongestHold;
    }
  }
  feed_locked();
  return false;
}

void RtspFeed::feed_locked() {
  const std::shared_ptr<AppSource> source = source_.lock();
  if (!source) return;
  if (!primed_source_ && primer_.buffer) {
    primed_source_ = true;
    hand_over(*source, primer_);
  }
  while (!queue_.empty() && source->wants_data()) {
    if (held_from_ && popped_ >= *held_from_) break;
    const Unit unit = queue_.pop();
    ++popped_;
    if (hand_over(*source, unit)) {
      ++stats_.units_sent;
      stats_.bytes_sent += unit.bytes;
      const std::int64_t now_ns = latency_clock_ns();
      if (unit.put_ns) latency_.record(now_ns - *unit.put_ns, now_ns);
    } else {
      ++stats_.units_dropped;
    }
  }
  went_out_.notify_all();
}

bool RtspFeed::hand_over(AppSource& source, const Unit& unit) {
  source_is_dry_ = false;
  source.set_caps(unit.caps.get());
  // Of its own, because what is downstream may write times and flags; the memory stays shared.
  return source.push(BufferPtr::adopt(gst_buffer_copy(unit.buffer.get())));
}

// On the streaming thread of the media: it has pushed everything downstream and asks for more.
void RtspFeed::wanted_by(const std::weak_ptr<AppSource>& source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (source_.lock() != source.lock()) return;
  source_is_dry_ = true;
  feed_locked();
}

void RtspFeed::end() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  held_from_.reset();
  feed_locked();
}

void RtspFeed::say_goodbye() {
  const std::shared_ptr<AppSource> source = [this] {
    const std::lock_guard<std::mutex> lock(mutex_);
    return source_.lock();
  }();
  if (source) source->end_of_stream();
}

void RtspFeed::abandon() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  close_gate();
  went_out_.notify_all();
}

bool RtspFeed::is_drained() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return ended_ && queue_.empty() && (source_is_dry_ || source_.expired());
}

bool RtspFeed::is_primed() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<bool>(primer_.buffer);
}

bool RtspFeed::is_watched() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return wants_units();
}

void RtspFeed::set_watched(bool watched) {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_watched_ = watched;
  if (!wants_units()) close_gate();
}

void RtspFeed::close_gate() {
  const std::size_t dropped = queue_.clear();
  popped_ += dropped;
  stats_.units_dropped += dropped;
  queue_.await_key();
  fresh_from_ns_.store(kNothingIsFresh);
}

bool RtspFeed::hold(std::chrono::milliseconds most) {
  std::unique_lock<std::mutex> lock(mutex_);
  is_joining_ = true;
  if (!is_watched_ || ended_) return false;  // there is nothing it could get from before a key unit
  went_out_.wait_for(lock, most, [this] { return ended_ || (held_from_ && popped_ >= *held_from_ && source_is_dry_); });
  return true;
}

void RtspFeed::release() {
  const std::lock_guard<std::mutex> lock(mutex_);
  held_from_.reset();
  is_joining_ = false;
  if (!wants_units()) close_gate();
  feed_locked();
}

std::shared_ptr<AppSource> RtspFeed::attach(GstElement* appsrc) {
  // The callback needs the source it is for, which is there only afterwards.
  auto self_of_source = std::make_shared<std::weak_ptr<AppSource>>();
  auto source = std::make_shared<AppSource>(appsrc, true, [weak = weak_from_this(), self_of_source] {
    if (const auto feed = weak.lock()) feed->wanted_by(*self_of_source);
  });
  *self_of_source = source;
  const std::lock_guard<std::mutex> lock(mutex_);
  source_ = source;
  primed_source_ = false;
  source_is_dry_ = false;
  return source;
}

OutputStats RtspFeed::stats() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  OutputStats stats = stats_;
  stats.units_queued = queue_.size();
  stats.latency = latency_.report(latency_clock_ns());
  return stats;
}

}  // namespace skyline
