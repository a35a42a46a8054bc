#include "output/output.h"

#include <algorithm>
#include <utility>

#include "gst/runtime.h"
#include "report/errors.h"

namespace skyline {
namespace {

// How long finish() waits for the control thread after it gave up on the sink.
constexpr std::chrono::milliseconds kAbortBound{1500};

}  // namespace

std::shared_ptr<Output> Output::create(Recipe recipe, const TimeBase& time, FanOut& fan_out, const ControlThread& control,
                                       std::shared_ptr<EventQueue> events) {
  std::shared_ptr<Output> output(new Output(std::move(recipe), time, fan_out, control, std::move(events)));
  output->port_->on_part_wanted([weak = output->weak_from_this()] {
    if (const auto self = weak.lock()) self->ask_advance();
  });
  return output;
}

Output::Output(Recipe recipe, const TimeBase& time, FanOut& fan_out, const ControlThread& control, std::shared_ptr<EventQueue> events)
    : recipe_(std::move(recipe)),
      time_(time),
      fan_out_(fan_out),
      control_(control),
      events_(std::move(events)),
      port_(std::make_shared<Port>(recipe_)) {}

Output::~Output() {
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

void Output::open() {
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

void Output::consume(const Unit& unit) {
  const Port::Answer answer = port_->offer(unit);
  if (answer.ask_key_unit) fan_out_.request_key_unit(*answer.ask_key_unit);
  if (answer.report_dropped != 0) {
    post_event("dropped", std::to_string(answer.report_dropped) + " units dropped: the sink is too slow", answer.report_dropped);
  }
}

void Output::end_of_units() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (settled_) return;  // nothing left to do, and the control thread may be gone
    if (state_ == State::waiting_key || state_ == State::running) state_ = State::finishing;
  }
  port_->end();
  ask_advance();  // an output that never got a unit has nobody else to wake it
}

bool Output::finish(const Deadline& deadline, const Interrupt& interrupt) {
  return finish_all({shared_from_this()}, deadline, interrupt);
}

bool Output::finish_all(const std::vector<std::shared_ptr<Output>>& outputs, const Deadline& deadline,
                        const Interrupt& interrupt) {
  for (const auto& output : outputs) output->end_of_units();
  std::vector<std::shared_ptr<Output>> late;
  for (const auto& output : outputs) {
    if (!output->wait_settled(deadline, interrupt)) late.push_back(output);
  }
  if (!late.empty()) {
    // In one task: nothing that waits comes between the beginnings.
    late.front()->control_.post([late] {
      for (const auto& output : late) output->begin_abort();
      for (const auto& output : late) output->advance();
    });
    const auto until = SteadyClock::now() + kAbortBound;
    for (const auto& output : late) output->wait_settled(until);
  }
  return std::all_of(outputs.begin(), outputs.end(),
                     [](const auto& output) { return output->state() == State::finished; });
}

bool Output::wait_settled(const Deadline& deadline, const Interrupt& interrupt) {
  while (!wait_settled(deadline.slice())) {
    if (deadline.passed()) return false;
    if (interrupt) interrupt();
  }
  return true;
}

bool Output::wait_settled(SteadyClock::time_point until) {
  std::unique_lock<std::mutex> lock(mutex_);
  return settled_changed_.wait_until(lock, until, [this] { return settled_; });
}

Output::State Output::state() const {
  if (failure_->happened()) return State::failed;
  const std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

OutputStats Output::stats() const {
  const Port::Counters counters = port_->counters();
  OutputStats stats;
  stats.units_in = counters.units_in;
  stats.units_sent = counters.units_sent;
  stats.units_dropped = counters.units_dropped;
  stats.units_queued = counters.units_queued;
  stats.bytes_sent = counters.bytes_sent;
  stats.key_units = counters.key_units;
  stats.parts = parts_begun();
  stats.latency = counters.latency;
  return stats;
}

unsigned Output::parts_begun() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return parts_begun_;
}

void Output::ask_advance() {
  control_.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->advance();
  });
}

void Output::fail(BusError error) {
  if (failure_->happened()) return;
  Event event;
  event.kind = "failed";
  event.output = recipe_.name;
  event.message = error.element + ": " + error.message;
  event.error = error;
  failure_->latch(std::move(error));
  port_->stop();  // whoever waits for room wakes up
  events_->post(std::move(event));
}

void Output::post_event(const char* kind, std::string message, std::uint64_t count) {
  Event event;
  event.kind = kind;
  event.output = recipe_.name;
  event.message = std::move(message);
  event.count = count;
  events_->post(std::move(event));
}

}  // namespace skyline
