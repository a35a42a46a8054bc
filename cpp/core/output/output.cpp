#include "output/output.h"

#include <algorithm>
#include <utility>

namespace skyline {
namespace {

// How long finish() waits for the control thread after it gave up on the sink.
constexpr std::chrono::milliseconds kAbortBound{1500};

}  // namespace

Output::Output(std::string name, const OutputContext& context)
    : name_(std::move(name)), time_(context.time), fan_out_(context.fan_out), control_(context.control), events_(context.events) {}

const char* Output::state_name(State state) {
  switch (state) {
    case State::connecting: return "connecting";
    case State::live: return "live";
    case State::backoff: return "backoff";
    case State::finishing: return "finishing";
    case State::stopped: return "stopped";
    case State::failed: return "failed";
  }
  return "";
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
      for (const auto& output : late) output->end_abort();
    });
    const auto until = SteadyClock::now() + kAbortBound;
    for (const auto& output : late) output->wait_settled(until);
  }
  return std::all_of(outputs.begin(), outputs.end(),
                     [](const auto& output) { return output->state() == State::stopped; });
}

bool Output::wait_settled(const Deadline& deadline, const Interrupt& interrupt) {
  while (!wait_settled(deadline.slice())) {
    if (deadline.passed()) return false;
    if (interrupt) interrupt();
  }
  return true;
}

bool Output::latch_failure(BusError error) {
  Event event;
  event.kind = "failed";
  event.output = name_;
  event.message = error.element + ": " + error.message;
  event.error = error;
  if (!failure_->latch(std::move(error))) return false;
  events_->post(std::move(event));
  return true;
}

void Output::post_event(const char* kind, std::string message, std::uint64_t count) {
  events_->post({kind, name_, std::move(message), std::nullopt, count});
}

}  // namespace skyline
