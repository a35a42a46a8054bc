#include "output/broadcast.h"

#include <algorithm>
#include <utility>

#include "output/pipeline_output.h"
#include "output/raw_output.h"
#include "output/supervised_output.h"
#include "report/errors.h"

namespace skyline {

Broadcast::~Broadcast() {
  // Frames stop before the outputs go: the lane's streaming thread calls them.
  stop(Deadline(std::chrono::seconds(0)), {});
}

std::shared_ptr<Output> Broadcast::add_output(Recipe recipe) {
  return add_output([&](const OutputContext& context) -> std::shared_ptr<Output> {
    if (recipe.retry) {
      auto output = SupervisedOutput::create(std::move(recipe), context);
      output->open();
      return output;
    }
    auto output = PipelineOutput::create(std::move(recipe), context);
    output->open();
    return output;
  });
}

std::shared_ptr<Output> Broadcast::add_raw_output(Recipe recipe) {
  recipe.is_raw = true;
  return hang(raw_fan_out(), [&](const OutputContext& context) { return open_raw_output(recipe, context); });
}

std::shared_ptr<Output> Broadcast::add_output(const MakeOutput& make) { return hang(fan_out(), make); }

std::shared_ptr<Output> Broadcast::add_ring(RingOutput::Settings settings) {
  return add_output([&](const OutputContext& context) { return std::make_shared<RingOutput>(std::move(settings), context); });
}

std::shared_ptr<Output> Broadcast::save(const std::shared_ptr<Output>& ring, Recipe recipe) {
  const auto past = std::dynamic_pointer_cast<RingOutput>(ring);
  if (!past) throw StateError("there is no ring to save from");
  // Room for all of it at once, beside what the recipe allows: the pipeline has not even begun.
  const GopQueue::Bounds level = past->level();
  if (recipe.bounds.units != 0) recipe.bounds.units += level.units;
  if (recipe.bounds.bytes != 0) recipe.bounds.bytes += level.bytes;
  std::shared_ptr<PipelineOutput> made;
  const auto output = keep(fan_out(), [&](const OutputContext& context) {
    made = PipelineOutput::create(std::move(recipe), context);
    made->open();
    return made;
  });
  past->lead(made);
  return output;
}

std::shared_ptr<CallbackOutput> Broadcast::add_callback(CallbackOutput::Settings settings) {
  settings.origin_ns = [this] { return intake().origin_ns(); };  // asked while it consumes, so while we are there
  return std::static_pointer_cast<CallbackOutput>(add_output(
      [&](const OutputContext& context) { return std::make_shared<CallbackOutput>(std::move(settings), context); }));
}

std::shared_ptr<Output> Broadcast::hang(FanOut& fan_out, const MakeOutput& make) {
  auto output = keep(fan_out, make);
  fan_out.add(output);
  return output;
}

std::shared_ptr<Output> Broadcast::keep(FanOut& fan_out, const MakeOutput& make) {
  intake_.queue().refuse_unless_open();
  auto output = make({time_, fan_out, control_, events_});
  {
    const std::lock_guard<std::mutex> lock(outputs_mutex_);
    outputs_.push_back(output);
  }
  // Weak: who holds the output may hold it longer than the stream.
  output->failure()->on_latch([weak = weak_from_this()] {
    if (const auto self = weak.lock()) static_cast<Broadcast&>(*self).fail_when_none_is_left();
  });
  return output;
}

bool Broadcast::remove_output(const std::shared_ptr<Output>& output, const Deadline& deadline, const Interrupt& interrupt) {
  fan_out().remove(output.get());
  raw_fan_out().remove(output.get());
  {
    // First, so that an output which fails while it is taken off fails alone.
    const std::lock_guard<std::mutex> lock(outputs_mutex_);
    outputs_.erase(std::remove(outputs_.begin(), outputs_.end(), output), outputs_.end());
  }
  return output->finish(deadline, interrupt);
}

// One failed output leaves its neighbours alone; with the last one the stream itself has failed.
void Broadcast::fail_when_none_is_left() {
  std::optional<BusError> last;
  {
    const std::lock_guard<std::mutex> lock(outputs_mutex_);
    for (const auto& output : outputs_) {
      if (!output->failure()->happened()) return;
      last = output->failure()->error();
    }
  }
  if (last) failure_->latch(*std::move(last));
}

bool Broadcast::finish(const Deadline& deadline, const Interrupt& interrupt) {
  const bool finalised = EncodeLane::finish(deadline, interrupt);
  std::vector<std::shared_ptr<Output>> outputs;
  {
    const std::lock_guard<std::mutex> lock(outputs_mutex_);
    outputs = outputs_;
  }
  return Output::finish_all(outputs, deadline, interrupt) && finalised;
}

}  // namespace skyline
