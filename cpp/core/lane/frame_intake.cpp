#include "lane/frame_intake.h"

#include <utility>

#include "gst/address_sanitizer.h"
#include "lane/raw_caps.h"

namespace skyline {
namespace {

// 146 years: a capture time since 1970 fits, and what is added to it here and in GStreamer does not overflow.
constexpr std::int64_t kLatest_ns = std::int64_t{1} << 62;
constexpr unsigned kWarmBuffers = 3;  // one being written, one queued, one being read

}  // namespace

// Holds the queue's turn: frames enter one after the other, in the order of their times.
class FrameIntake::Turn {
 public:
  Turn(FrameQueue& queue, const Deadline& deadline, const Interrupt& interrupt)
      : queue_(queue), taken_(queue.take_turn(deadline, interrupt)) {}
  ~Turn() {
    if (taken_) queue_.release_turn();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool taken() const { return taken_; }

 private:
  FrameQueue& queue_;
  bool taken_;
};

FrameIntake::FrameIntake(IntakeSettings settings, const TimeBase& time, std::shared_ptr<Failure> failure)
    : settings_(settings),
      time_(time),
      queue_(settings.leaky, settings.max_buffers, std::move(failure)),
      pts_clock_(settings.clock, settings.framerate) {}

void FrameIntake::open(FrameSize given, LaneFormat lane, std::function<bool()> lets_in) {
  size_ = given;
  lane_ = lane;
  lets_in_ = std::move(lets_in);
  given_caps_ = raw_caps(settings_.format, given.width, given.height, settings_.framerate, lane.colorimetry);
  lane_caps_ = raw_caps(lane.format, lane.width, lane.height, settings_.framerate, lane.colorimetry);
  lane_pool_ = std::make_unique<BufferPool>(lane.format, lane.width, lane.height, BufferPool::Rows::padded, kWarmBuffers);
  is_open_.store(true);
}

void FrameIntake::begin_at(std::int64_t running_time_ns) {
  const std::lock_guard<std::mutex> lock(clock_mutex_);
  pts_clock_.begin_at(running_time_ns);
}

void FrameIntake::refuse_unless_ready(std::optional<std::int64_t> pts_ns) const {
  if (pts_ns && (*pts_ns < 0 || *pts_ns > kLatest_ns)) {
    throw FrameError("pts_ns is " + std::to_string(*pts_ns) + "; it counts nanoseconds, is never negative and at most " +
                     std::to_string(kLatest_ns));
  }
  queue_.refuse_unless_open();
  if (!is_open_.load()) throw StateError("the stream has not started; start it before the first frame");
}

BufferPtr FrameIntake::converted(const FrameLayout& frame) {
  BufferPtr buffer = lane_pool_->acquire();
  FrameView view = frame.view();
  if (!frame.is_packed()) {
    gathered_.resize(frame_bytes(settings_.format, frame.width(), frame.height()));
    frame.gather(gathered_.data());
    view = tight_view(settings_.format, frame.width(), frame.height(), gathered_.data()).as_const();
  }
  convert_frame(view, lane_pool_->view_of(buffer.get()), lane_.colorimetry.value_or(Colorimetry{}));
  return buffer;
}

bool FrameIntake::stamp_and_push(BufferPtr buffer, const CapsPtr& caps, std::optional<std::int64_t> pts_ns, Called called) {
  FrameTime time;
  {
    const std::lock_guard<std::mutex> lock(clock_mutex_);
    time = pts_clock_.stamp(pts_ns, called.running_ns);
    GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(pts_clock_.origin_ns() + time.pts_ns);
  }
  GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION(buffer.get()) = time.duration_ns < 0 ? GST_CLOCK_TIME_NONE : static_cast<GstClockTime>(time.duration_ns);
  return queue_.push(std::move(buffer), caps, called.put_ns);
}

template <typename MakeBuffer>
bool FrameIntake::enter(const CapsPtr& caps, std::optional<std::int64_t> pts_ns, const Deadline& deadline, const Interrupt& interrupt,
                        MakeBuffer make_buffer) {
  const std::int64_t put_ns = latency_clock_ns();
  refuse_unless_ready(pts_ns);
  if (lets_in_ && !lets_in_()) {
    queue_.count_dropped(DropReason::unwatched);
    return false;
  }
  const Called called{static_cast<std::int64_t>(time_.running_time()), put_ns};
  const Turn turn(queue_, deadline, interrupt);
  if (!turn.taken()) {
    queue_.count_dropped(DropReason::timeout);
    return false;
  }
  if (!queue_.wait_for_room(deadline, interrupt)) return false;
  return stamp_and_push(make_buffer(), caps, pts_ns, called);
}

bool FrameIntake::put(const FrameLayout& frame, std::optional<std::int64_t> pts_ns, const Deadline& deadline, const Interrupt& interrupt) {
  return enter(lane_caps_, pts_ns, deadline, interrupt, [&] { return converted(frame); });
}

bool FrameIntake::lend(const FrameLayout& frame, std::unique_ptr<Lent> lent, std::optional<std::int64_t> pts_ns, const Deadline& deadline,
                       const Interrupt& interrupt) {
  // From here the buffer owns the loan: however this ends, it comes back by the release queue.
  BufferPtr buffer = wrap_frame(frame, std::move(lent));
  return enter(given_caps_, pts_ns, deadline, interrupt, [&] { return std::move(buffer); });
}

bool FrameIntake::copy_instead(const FrameLayout& frame, std::optional<std::int64_t> pts_ns, const Deadline& deadline,
                               const Interrupt& interrupt) {
  const bool taken = put(frame, pts_ns, deadline, interrupt);
  const std::lock_guard<std::mutex> lock(clock_mutex_);
  copied_frames_ += taken ? 1 : 0;
  return taken;
}

std::shared_ptr<FrameSlot> FrameIntake::acquire() {
  refuse_unless_ready({});
  const std::lock_guard<std::mutex> lock(slot_mutex_);
  if (!slot_pool_) {
    slot_pool_ = std::make_unique<BufferPool>(settings_.format, size_.width, size_.height, BufferPool::Rows::tight, kWarmBuffers);
  }
  BufferPtr buffer = slot_pool_->acquire();
  const MutableFrameView view = slot_pool_->view_of(buffer.get());
  return std::make_shared<FrameSlot>(std::move(buffer), view);
}

// A second buffer over a slot's memory goes down the pipeline and keeps the slot's own one from its
// pool; so does the caller's array. Only when both are gone is the memory used again. READONLY, because
// the array shows the same bytes.
BufferPtr FrameIntake::second_buffer_over(const FrameSlot& slot) const {
  const std::size_t bytes = frame_bytes(settings_.format, size_.width, size_.height);
  BufferPtr buffer = BufferPtr::adopt(gst_buffer_new_wrapped_full(
      GST_MEMORY_FLAG_READONLY, slot.view_.plane[0], bytes, 0, bytes, BufferPtr(slot.buffer_).release(),
      [](gpointer owner) { BufferPtr::adopt(static_cast<GstBuffer*>(owner)).reset(); }));
  expect_alive_until_released(buffer.get(), slot.view_.plane[0], bytes);
  describe_rows(buffer.get(), slot.view_.as_const(), bytes);
  return buffer;
}

bool FrameIntake::commit(FrameSlot& slot, std::optional<std::int64_t> pts_ns, const Deadline& deadline, const Interrupt& interrupt) {
  return enter(given_caps_, pts_ns, deadline, interrupt, [&] { return second_buffer_over(slot); });
}

std::int64_t FrameIntake::next_time_ns() const {
  const std::lock_guard<std::mutex> lock(clock_mutex_);
  return pts_clock_.last_ns() < 0 ? -1 : pts_clock_.origin_ns() + pts_clock_.last_ns() + 1;
}

std::int64_t FrameIntake::origin_ns() const {
  const std::lock_guard<std::mutex> lock(clock_mutex_);
  return pts_clock_.origin_ns();
}

IntakeStats FrameIntake::stats() const {
  IntakeStats stats;
  stats.frames = queue_.counters();
  const std::lock_guard<std::mutex> lock(clock_mutex_);
  stats.copied_frames = copied_frames_;
  stats.nudged_times = pts_clock_.nudged();
  return stats;
}

}  // namespace skyline
