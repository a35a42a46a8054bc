// Lent frames come home: each once, from any thread, with one ring of the bell.
#include <atomic>
#include <thread>

#include "check.h"
#include "frame/release_queue.h"

using namespace skyline;

namespace {

std::atomic<int> destroyed{0};
std::atomic<int> rings{0};

struct Counted : Lent {
  ~Counted() override { ++destroyed; }
};

}  // namespace

TEST("four threads, 10^5 loans each: every one is freed once, by whoever drains") {
  ReleaseQueue& queue = ReleaseQueue::instance();
  destroyed = 0;
  const std::size_t before = ReleaseQueue::live();
  constexpr int kEach = 100'000;
  std::atomic<int> running{4};
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) queue.append(new Counted);
      --running;
    });
  }
  std::size_t drained = 0;
  while (running != 0) drained += queue.drain();
  for (auto& thread : threads) thread.join();
  drained += queue.drain();
  CHECK_EQ(drained, std::size_t{4 * kEach});
  CHECK_EQ(destroyed.load(), 4 * kEach);
  CHECK_EQ(ReleaseQueue::live(), before);
  CHECK_EQ(queue.drain(), std::size_t{0});
}

TEST("the bell rings once until somebody has drained") {
  ReleaseQueue& queue = ReleaseQueue::instance();
  rings = 0;
  queue.set_doorbell([] { ++rings; });
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) queue.append(new Counted);
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_EQ(rings.load(), 1);
  queue.drain();
  queue.append(new Counted);
  CHECK_EQ(rings.load(), 2);
  queue.drain();
  queue.set_doorbell(nullptr);
  queue.append(new Counted);
  CHECK_EQ(rings.load(), 2);
  CHECK_EQ(queue.drain(), std::size_t{1});
}

TEST("a loan is done when its buffer is gone, before anybody drains") {
  ReleaseQueue& queue = ReleaseQueue::instance();
  auto lent = std::make_unique<Counted>();
  const std::shared_ptr<LoanState> state = lent->state();
  CHECK(!state->done());
  int asked = 0;
  const auto begin = SteadyClock::now();
  CHECK(!state->wait(Deadline::in_seconds(0.2), [&] { ++asked; }));
  CHECK(asked >= 2);
  CHECK(SteadyClock::now() - begin < std::chrono::milliseconds(500));
  struct CtrlC {};
  CHECK_THROWS(state->wait(Deadline::in_seconds(10), [] { throw CtrlC(); }), CtrlC);

  std::thread streaming([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    queue.append(lent.release());
  });
  CHECK(state->wait(Deadline::in_seconds(10), {}));
  streaming.join();
  CHECK(state->done());
  CHECK_EQ(queue.drain(), std::size_t{1});
  CHECK(state->done());
}

TEST("destroying a loan may lend and return another") {
  struct Nested : Lent {
    ~Nested() override { ReleaseQueue::instance().append(new Counted); }
  };
  ReleaseQueue& queue = ReleaseQueue::instance();
  queue.append(new Nested);
  CHECK_EQ(queue.drain(), std::size_t{1});
  CHECK_EQ(queue.drain(), std::size_t{1});
}

// Last: it ends the queue of this process.
TEST("after close nothing is freed and nothing rings, but whoever waits is told") {
  ReleaseQueue& queue = ReleaseQueue::instance();
  rings = 0;
  destroyed = 0;
  queue.set_doorbell([] { ++rings; });
  const std::size_t before = ReleaseQueue::live();
  queue.close();
  auto* leaked = new Counted;  // on purpose
  const std::shared_ptr<LoanState> state = leaked->state();
  queue.append(leaked);
  CHECK(state->done());
  CHECK_EQ(queue.drain(), std::size_t{0});
  CHECK_EQ(destroyed.load(), 0);
  CHECK_EQ(rings.load(), 0);
  CHECK_EQ(ReleaseQueue::live(), before + 1);
}
