#include "lane/late_encoder.h"

#include <utility>

#include "gst/runtime.h"
#include "report/redact.h"

namespace skyline {

LateEncoder::LateEncoder(FrameSize given, const EncoderSettings& encoder, const IntakeSettings& settings,
                         const TimeBase& time, EncoderStage& stage, std::function<bool()> is_watched,
                         std::shared_ptr<Failure> failure, std::shared_ptr<EventQueue> events)
    : waits_(settings.leaky == Leaky::none),
      most_frames_(settings.max_buffers),
      is_watched_(std::move(is_watched)),
      pipeline_("", chain_text(encoder_chain(lane_format(given, encoder), encoder)), std::move(failure),
                std::move(events)) {
  const auto elements = add_chain(pipeline_.bin(), encoder_chain(lane_format(given, encoder), encoder));
  shown_.set(pipeline_.element());
  stage.attach(elements.back().get(), encoder.keyframe_ns);
  source_ =
      std::make_unique<AppSource>(elements.front().get(), settings.clock == ClockMode::arrival, [this] { feed(); });
  pipeline_.pause(time);
  pipeline_.play();
}

LateEncoder::~LateEncoder() {
  if (forked_after_use()) {
    static_cast<void>(source_.release());
    return;
  }
  close();
  shut_down(Deadline(std::chrono::seconds(2)));
}

void LateEncoder::consume(const Unit& unit) {
  if (!is_watched_()) return;
  std::unique_lock<std::mutex> lock(mutex_);
  if (waits_) room_.wait(lock, [this] { return queue_.size() < most_frames_ || ended_ || closed_; });
  if (ended_ || closed_) return;
  if (queue_.size() >= most_frames_) queue_.pop_front();
  queue_.push_back(unit);
  feed_locked();
}

void LateEncoder::end_of_units() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    feed_locked();
  }
  room_.notify_all();
}

void LateEncoder::close() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    queue_.clear();
  }
  room_.notify_all();
}

bool LateEncoder::shut_down(const Deadline& deadline) {
  if (pipeline_.shut_down(deadline)) return true;
  static_cast<void>(source_.release());  // a thread stuck in the kernel may still come back and ask for data
  return false;
}

std::vector<LiveElement> LateEncoder::encoders() const {
  const ElementPtr running = shown_.get();
  return running ? find_encoders(GST_BIN(running.get())) : std::vector<LiveElement>{};
}

void LateEncoder::feed() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    feed_locked();
  }
  room_.notify_all();
}

void LateEncoder::feed_locked() {
  if (closed_ || !source_) return;
  while (!queue_.empty() && source_->wants_data()) {
    const Unit unit = std::move(queue_.front());
    queue_.pop_front();
    source_->set_caps(unit.caps.get());
    // Of our own, because what is downstream may write times and flags; the memory stays shared.
    source_->push(BufferPtr::adopt(gst_buffer_copy(unit.buffer.get())));
  }
  if (ended_ && queue_.empty() && !std::exchange(eos_sent_, true)) source_->end_of_stream();
}

}  // namespace skyline
