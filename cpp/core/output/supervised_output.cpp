#include "output/supervised_output.h"

#include <random>
#include <string>
#include <utility>

#include "gst/runtime.h"

namespace skyline {
namespace {

double random_part() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace

std::shared_ptr<SupervisedOutput> SupervisedOutput::create(Recipe recipe, const OutputContext& context) {
  std::shared_ptr<SupervisedOutput> output(new SupervisedOutput(std::move(recipe), context));
  output->port_->on_part_wanted([weak = output->weak_self()] {
    if (const auto self = weak.lock()) self->ask_advance();
  });
  return output;
}

SupervisedOutput::SupervisedOutput(Recipe recipe, const OutputContext& context)
    : Output(recipe.name, context),
      recipe_(std::move(recipe)),
      port_(std::make_shared<Port>(recipe_)),
      back_off_(recipe_.retry.value_or(Retry{}), random_part) {}

SupervisedOutput::~SupervisedOutput() {
  if (part_) leaving_.push_back({std::move(part_), Deadline(std::chrono::nanoseconds(0))});
  if (forked_after_use()) {
    // The threads behind them stayed in the parent.
    static_cast<void>(new std::vector<Leaving>(std::move(leaving_)));
    static_cast<void>(errand_.release());
    return;
  }
  port_->stop();
  if (leaving_.empty()) return;
  // The last owner may be a streaming thread, and those never change a state.
  auto leaving = std::make_shared<std::vector<Leaving>>(std::move(leaving_));
  control_.post([leaving] { leaving->clear(); });
}

void SupervisedOutput::open() {
  ensure_runtime();
  part_ = make_part();
  if (sign_->kind() == PeerSign::Kind::srt_listener) {
    // Who listens needs nobody yet, and a port that is taken speaks at once.
    part_->open(time_);
    is_open_ = true;
  }
  attempt_began_ = connecting_since_ = SteadyClock::now();
  {
    // From here on the part is the control thread's, which looks at nothing before.
    const std::lock_guard<std::mutex> lock(mutex_);
    opened_ = true;
    settled_ = false;
  }
  ask_advance();
}

std::shared_ptr<Part> SupervisedOutput::make_part() {
  Part::Listeners listeners;
  // The port, not the output: it outlives every pipeline that may still call.
  listeners.need_data = [port = port_] { port->feed(); };
  listeners.ended = [weak = weak_self()] {
    if (const auto output = weak.lock()) output->ask_advance();
  };
  listeners.failed = [port = port_, weak = weak_self()](const BusError&) {
    port->hold();  // at once: a sink that has lost its connection is given nothing more
    if (const auto output = weak.lock()) output->ask_advance();
  };
  // The sign needs the part's sink, and the part the sign's ear.
  const auto ear = std::make_shared<std::function<bool(GstMessage*)>>();
  listeners.noticed = [ear, port = port_, weak = weak_self()](GstMessage* message) {
    if (!(*ear)(message)) return;
    port->hold();
    if (const auto output = weak.lock()) output->ask_advance();
  };
  auto part = std::make_shared<Part>(recipe_, parts_begun_, events_, std::move(listeners));
  sign_.emplace(part->sink());
  *ear = sign_->listener();
  return part;
}

void SupervisedOutput::consume(const Unit& unit) {
  const Port::Answer answer = port_->offer(unit);
  if (answer.ask_key_unit) fan_out_.request_key_unit(*answer.ask_key_unit);
  if (answer.report_dropped != 0) {
    post_event("dropped", std::to_string(answer.report_dropped) + " units dropped: the peer is too slow",
               answer.report_dropped);
  }
}

void SupervisedOutput::end_of_units() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (settled_) return;  // nothing left to do, and the control thread may be gone
    ending_ = true;
    if (state_ != State::failed && state_ != State::stopped) state_ = State::finishing;
  }
  port_->end();
  ask_advance();
}

bool SupervisedOutput::wait_settled(SteadyClock::time_point until) {
  std::unique_lock<std::mutex> lock(mutex_);
  return settled_changed_.wait_until(lock, until, [this] { return settled_; });
}

Output::State SupervisedOutput::state() const {
  if (failure_->happened()) return State::failed;
  const std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

OutputStats SupervisedOutput::stats() const {
  OutputStats stats = port_->stats();
  const std::lock_guard<std::mutex> lock(mutex_);
  stats.parts = parts_begun_;
  stats.reconnects = reconnects_;
  stats.clients = clients_;
  return stats;
}

bool SupervisedOutput::is_ending() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return ending_;
}

void SupervisedOutput::set_state(State state) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!ending_) state_ = state;
}

void SupervisedOutput::ask_advance() {
  control_.post([weak = weak_self()] {
    if (const auto self = weak.lock()) self->advance();
  });
}

void SupervisedOutput::look_at(SteadyClock::time_point due) {
  if (next_look_ && *next_look_ <= due) return;
  next_look_ = due;
  control_.post_at(due, [weak = weak_self(), due] {
    const auto self = weak.lock();
    if (!self || self->next_look_ != due) return;  // an earlier look took its place
    self->next_look_.reset();
    self->advance();
  });
}

}  // namespace skyline
