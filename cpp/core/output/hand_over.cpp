// The control thread's side of an output: parts begin, end and are taken down here, never waiting.
#include <algorithm>
#include <utility>

#include "output/pipeline_output.h"
#include "report/errors.h"

namespace skyline {
namespace {

// NULL takes a millisecond. Only a sink stuck in the kernel needs more, and it must not hold up the
// outputs that share the control thread: all parts together get the long bound, each at least the short.
constexpr std::chrono::milliseconds kStopBound{500};
constexpr std::chrono::milliseconds kLeastBound{50};

void close_within(Part& part, const Deadline& shared) {
  part.close(Deadline(std::max(shared.left(), std::chrono::nanoseconds(kLeastBound))));
}

// One that is fed and some on their way to EOS. A disk that stalls would otherwise collect a stuck
// pipeline per part; with all of them stuck the queue holds and then drops, as with one file.
constexpr std::size_t kMostParts = 4;

std::string size_text(const CapsPtr& caps) {
  int width = 0;
  int height = 0;
  const GstStructure* structure = caps && gst_caps_get_size(caps.get()) != 0 ? gst_caps_get_structure(caps.get(), 0) : nullptr;
  if (structure == nullptr || gst_structure_get_int(structure, "width", &width) == 0 ||
      gst_structure_get_int(structure, "height", &height) == 0) {
    return "";
  }
  return std::to_string(width) + "x" + std::to_string(height);
}

std::string caps_text(const CapsPtr& caps) { return caps ? take_string(gst_caps_to_string(caps.get())) : "nothing"; }

}  // namespace

void PipelineOutput::advance() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!opened_ || settled_) return;
  }
  retire_parts();
  if (abort_by_) {
    abort_parts();
  } else if (!failure_->happened()) {
    hand_over();
  }
  settle();
}

std::unique_ptr<Part> PipelineOutput::make_part() {
  Part::Listeners listeners;
  // The port, not the output: it outlives every pipeline that may still call.
  listeners.need_data = [port = port_] { port->feed(); };
  listeners.ended = [weak = weak_self()] {
    if (const auto output = weak.lock()) output->ask_advance();
  };
  listeners.failed = [weak = weak_self()](const BusError& error) {
    const auto output = weak.lock();
    if (!output) return;
    output->fail(error);
    output->ask_advance();
  };
  auto part = std::make_unique<Part>(recipe_, parts_begun(), events_, std::move(listeners));
  part->follow_latency(control_);
  return part;
}

void PipelineOutput::retire_parts() {
  const Deadline deadline = abort_by_.value_or(Deadline(kStopBound));
  std::vector<std::unique_ptr<Part>> left;
  for (auto& part : parts_) {
    const bool has_failed = part->failure().happened();
    if (!has_failed && !part->has_ended()) {
      left.push_back(std::move(part));
      continue;
    }
    const bool was_fed = port_->release(part->source());
    close_within(*part, deadline);
    if (has_failed) continue;
    if (was_fed) {
      fail(bus_error(name_, "stream", GST_STREAM_ERROR_FAILED, "the sink ended the stream by itself"));
    } else if (hls_) {
      keep_playlist([&](HlsWriter& hls) { hls.complete(part->index()); });
    } else if (recipe_.parts) {
      post_event("segment", part->location(), part->index());
    }
  }
  parts_ = std::move(left);
}

void PipelineOutput::hand_over() {
  // Looked at again where the unit was dropped between the look and the adoption.
  while (const auto start = port_->wanted_part()) {
    if (parts_.size() >= kMostParts) return;  // the next to retire comes back here
    if (parts_begun() != 0 && !recipe_.parts) {
      fail_changed_caps(*start);
      return;
    }
    if (!prepare_part(start->pts_ns)) return;
    if (!port_->adopt(next_part_->source(), *start)) continue;
    parts_.push_back(std::move(next_part_));
    const bool caps_changed = start->caps_before && gst_caps_is_equal(start->caps_before.get(), start->caps.get()) == 0;
    keep_playlist([&](HlsWriter& hls) { hls.begin(parts_.back()->index(), start->pts_ns, start->ended_ns, caps_changed); });
    note_part_begun();
    return;
  }
}

bool PipelineOutput::prepare_part(std::int64_t start_ns) {
  try {
    if (!next_part_) {
      next_part_ = make_part();
      next_part_->open(time_);
    }
    next_part_->play(time_, recipe_.own_zero ? start_ns : 0, start_ns);
    return true;
  } catch (const PipelineError& error) {
    fail(error.error);
  } catch (const std::exception& error) {
    fail(bus_error(name_, "core", GST_CORE_ERROR_FAILED, error.what()));
  }
  return false;
}

void PipelineOutput::note_part_begun() {
  bool is_first = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_first = parts_begun_++ == 0;
    if (state_ == State::connecting) state_ = State::live;
  }
  if (is_first) post_event("started", parts_.back()->location());
}

void PipelineOutput::keep_playlist(const std::function<void(HlsWriter&)>& change) {
  if (!hls_) return;
  try {
    change(*hls_);
  } catch (const PipelineError& error) {
    fail(error.error);
  }
}

void PipelineOutput::fail_changed_caps(const Port::PartStart& start) {
  std::string before = size_text(start.caps_before);
  std::string now = size_text(start.caps);
  if (before == now) {
    before = caps_text(start.caps_before);
    now = caps_text(start.caps);
  }
  fail(bus_error(name_, "stream", GST_STREAM_ERROR_FORMAT,
                "the stream changed from " + before + " to " + now +
                    " and this output cannot follow: keep the size, or let it write parts (\"name-%05d.mp4\")"));
}

void PipelineOutput::begin_abort() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!opened_ || settled_) return;
  }
  if (!abort_by_) abort_by_.emplace(kStopBound);
  for (const auto& part : parts_) {
    if (part->has_ended()) continue;
    gave_up_ = true;
    port_->stop();
    part->begin_close();
  }
}

void PipelineOutput::abort_parts() {
  if (!gave_up_ && parts_.empty() && port_->drained()) return;  // the end came in the last moment
  port_->stop();
  const std::uint64_t dropped = port_->take_dropped();
  fail(bus_error(name_, "resource", GST_RESOURCE_ERROR_BUSY,
                "the sink did not take everything in time; " + std::to_string(dropped) + " units were dropped"));
  for (const auto& part : parts_) {
    port_->release(part->source());
    part->close(*abort_by_);  // begun with all the others: those that are not stuck are down long since
  }
  parts_.clear();
}

void PipelineOutput::settle() {
  if (!parts_.empty() || !port_->drained()) return;
  if (next_part_) {
    const unsigned index = next_part_->index();
    next_part_.reset();  // opened, and no unit came: an EOS would only end in an error
    keep_playlist([&](HlsWriter& hls) { hls.discard(index); });
  }
  if (!failure_->happened()) keep_playlist([&](HlsWriter& hls) { hls.end(port_->sent_until_ns()); });
  const bool has_failed = failure_->happened();
  if (const auto dropped = port_->take_dropped(); dropped != 0) {
    post_event("dropped", std::to_string(dropped) + " units dropped", dropped);
  }
  if (!has_failed) post_event("finished", recipe_.location);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    state_ = has_failed ? State::failed : State::stopped;
    settled_ = true;
  }
  settled_changed_.notify_all();
}

}  // namespace skyline
