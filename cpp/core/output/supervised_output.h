// An output whose sink has a remote peer: one pipeline after the other on the same port, each until its peer is lost.
//
// connecting -> live -> backoff -> live … -> finishing -> stopped, or failed: where the first connection comes to
// nothing, or after the last retry. A pipeline that failed is never restarted but taken down and built anew, and what
// flows again begins with a key unit. While it is away, units are dropped and counted.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "output/back_off.h"
#include "output/output.h"
#include "output/part.h"
#include "output/peer_sign.h"
#include "output/peer_words.h"
#include "output/port.h"
#include "output/recipe.h"
#include "pipeline/errand.h"

namespace skyline {

class SupervisedOutput : public Output {
 public:
  // `recipe.retry` is set.
  static std::shared_ptr<SupervisedOutput> create(Recipe recipe, const OutputContext& context);
  ~SupervisedOutput() override;

  // Makes the first pipeline's elements; throws MissingElementError, SinkError, and PipelineError where it
  // listens at a port that is taken. Connects later, in its own time: what
  // comes of it is an event and a state. Afterwards the caller adds it to the fan-out.
  void open();

  void consume(const Unit& unit) override;  // streaming thread of the lane
  void end_of_units() override;

  State state() const override;
  OutputStats stats() const override;

 protected:
  bool wait_settled(SteadyClock::time_point until) override;
  void begin_abort() override;
  void end_abort() override { advance(); }

 private:
  enum class Phase { connecting, live, waiting, explaining, over };
  struct Opening;  // what the errand that opens the sink hands back
  struct Leaving {
    std::shared_ptr<Part> part;
    Deadline by;
  };

  SupervisedOutput(Recipe recipe, const OutputContext& context);
  std::weak_ptr<SupervisedOutput> weak_self() { return std::static_pointer_cast<SupervisedOutput>(shared_from_this()); }
  void ask_advance();
  std::shared_ptr<Part> make_part();

  // The control thread's whole work: does what is due and returns (supervisor.cpp).
  void advance();
  void step(SteadyClock::time_point now);
  void begin_attempt(SteadyClock::time_point now);
  void begin_opening();
  bool is_opened(SteadyClock::time_point now);
  void feed();
  void watch(SteadyClock::time_point now);
  void become_live(SteadyClock::time_point now);
  bool keeps_its_end(SteadyClock::time_point now);
  void part_has_ended(SteadyClock::time_point now);
  // `silent_for`: nothing was heard of the peer for so long already.
  void lose(BusError error, SteadyClock::time_point now, std::chrono::nanoseconds silent_for = {});
  void back_off(const BusError& error, bool was_unauthorised, SteadyClock::time_point since);
  void explain(BusError error);
  void fail(BusError error);
  void give_up_rest();
  void part_leaves();
  void let_go();
  void settle();
  void look_again(SteadyClock::time_point now);
  void look_at(SteadyClock::time_point due);

  bool is_ending() const;
  void set_state(State state);

  const Recipe recipe_;
  const std::shared_ptr<Port> port_;  // shared with the callbacks of the parts

  // The control thread's alone once open() has returned.
  Phase phase_ = Phase::connecting;
  BackOff back_off_;
  std::shared_ptr<Part> part_;
  std::optional<PeerSign> sign_;  // of part_
  std::optional<BusError> unexplained_;        // while its cause is looked for
  std::shared_ptr<Opening> opening_;  // of part_, from its beginning on
  std::unique_ptr<Errand> errand_;
  std::vector<Leaving> leaving_;  // on their way to NULL
  bool is_open_ = false;  // what follows: of part_
  bool is_fed_ = false;
  bool is_connected_ = false;
  bool was_live_ = false;  // ever
  int refusals_ = 0;  // of the stream, in a row
  SteadyClock::time_point attempt_began_{};
  SteadyClock::time_point connecting_since_{};
  SteadyClock::time_point live_since_{};
  SteadyClock::time_point next_attempt_{};
  std::optional<SteadyClock::time_point> lingers_until_;
  std::optional<SteadyClock::time_point> has_all_since_;
  std::optional<SteadyClock::time_point> next_look_;
  std::optional<Deadline> abort_by_;

  mutable std::mutex mutex_;
  std::condition_variable settled_changed_;
  State state_ = State::connecting;  // guarded by mutex_, as all below; a failure goes before it
  unsigned parts_begun_ = 0;
  unsigned reconnects_ = 0;
  unsigned clients_ = 0;
  bool opened_ = false;
  bool ending_ = false;
  bool settled_ = true;  // nothing of it runs
};

}  // namespace skyline
