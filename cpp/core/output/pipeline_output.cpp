#include "output/pipeline_output.h"

#include <utility>

#include "gst/runtime.h"
#include "report/errors.h"

namespace skyline {

std::shared_ptr<PipelineOutput> PipelineOutput::create(Recipe recipe, const OutputContext& context) {
  std::unique_ptr<HlsWriter> hls;
  if (recipe.playlist) {
    hls = std::make_unique<HlsWriter>(recipe, [events = context.events, name = recipe.name](const char* kind, std::string message, std::uint64_t count) {
      events->post({kind, name, std::move(message), std::nullopt, count});
    });
    recipe.parts->first = hls->first_number();
  }
  std::shared_ptr<PipelineOutput> output(new PipelineOutput(std::move(recipe), context, std::move(hls)));
  output->port_->on_part_wanted([weak = output->weak_self()] {
    if (const auto self = weak.lock()) self->ask_advance();
  });
  return output;
}

PipelineOutput::PipelineOutput(Recipe recipe, const OutputContext& context, std::unique_ptr<HlsWriter> hls)
    : Output(recipe.name, context), recipe_(std::move(recipe)), port_(std::make_shared<Port>(recipe_)), hls_(std::move(hls)) {}

PipelineOutput::~PipelineOutput() {
  if (next_part_) parts_.push_back(std::move(next_part_));
  if (forked_after_use()) {
    for (auto& part : parts_) static_cast<void>(part.release());  // the threads behind them stayed in the parent
    return;
  }
  port_->stop();
  if (parts_.empty()) return;
  // The last owner may be a streaming thread, and those never change a state.
  auto parts = std::make_shared<std::vector<std::unique_ptr<Part>>>(std::move(parts_));
  control_.post([parts] { parts->clear(); });
}

void PipelineOutput::open() {
  ensure_runtime();
  std::unique_ptr<Part> part = make_part();
  part->open(time_);
  next_part_ = std::move(part);
  {
    // From here on the parts are the control thread's, which looks at nothing before.
    const std::lock_guard<std::mutex> lock(mutex_);
    opened_ = true;
    settled_ = false;
  }
  ask_advance();  // it may have failed already
}

void PipelineOutput::consume(const Unit& unit) {
  const Port::Answer answer = port_->offer(unit);
  if (answer.ask_key_unit) fan_out_.request_key_unit(*answer.ask_key_unit);
  if (answer.report_dropped != 0) {
    post_event("dropped", std::to_string(answer.report_dropped) + " units dropped: the sink is too slow", answer.report_dropped);
  }
}

void PipelineOutput::end_of_units() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (settled_) return;  // nothing left to do, and the control thread may be gone
    if (state_ == State::connecting || state_ == State::live) state_ = State::finishing;
  }
  port_->end();
  ask_advance();  // an output that never got a unit has nobody else to wake it
}

bool PipelineOutput::wait_settled(SteadyClock::time_point until) {
  std::unique_lock<std::mutex> lock(mutex_);
  return settled_changed_.wait_until(lock, until, [this] { return settled_; });
}

Output::State PipelineOutput::state() const {
  if (failure_->happened()) return State::failed;
  const std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

OutputStats PipelineOutput::stats() const {
  OutputStats stats = port_->stats();
  stats.parts = parts_begun();
  return stats;
}

unsigned PipelineOutput::parts_begun() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return parts_begun_;
}

void PipelineOutput::ask_advance() {
  control_.post([weak = weak_self()] {
    if (const auto self = weak.lock()) self->advance();
  });
}

void PipelineOutput::fail(BusError error) {
  if (latch_failure(std::move(error))) port_->stop();  // whoever waits for room wakes up
}

}  // namespace skyline
