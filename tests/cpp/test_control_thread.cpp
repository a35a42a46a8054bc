// Tasks run one after the other on a thread of their own, to the last one, whoever lets go when.
#include <atomic>
#include <optional>
#include <thread>

#include "check.h"
#include "pipeline/control_thread.h"
#include "recording.h"
#include "stage.h"

using namespace skyline;

TEST("tasks run in order, and all of them before the last copy is gone") {
  std::vector<int> ran;
  {
    ControlThread control;
    const ControlThread copy = control;
    for (int n = 0; n < 1000; ++n) control.post([&ran, n] { ran.push_back(n); });
  }
  CHECK_EQ(ran.size(), std::size_t{1000});
  CHECK(std::is_sorted(ran.begin(), ran.end()));
}

TEST("what eight threads post is run, never two at a time") {
  std::atomic<int> inside{0};
  int ran = 0;
  {
    ControlThread control;
    std::vector<std::thread> threads;
    for (int n = 0; n < 8; ++n) {
      threads.emplace_back([&, copy = control]() mutable {
        for (int i = 0; i < 500; ++i) {
          copy.post([&] {
            CHECK_EQ(++inside, 1);
            ++ran;
            --inside;
          });
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  CHECK_EQ(ran, 4000);
}

TEST("the last copy may go in a task, which may still post") {
  const int before = threads();
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> ran{0};
    auto control = std::make_shared<std::optional<ControlThread>>(std::in_place);
    ControlThread first = **control;
    std::atomic<bool> let_go{false};
    first.post([&, control] {
      while (!let_go) std::this_thread::yield();
      (*control)->post([&] { ++ran; });
      control->reset();  // the last one
      ++ran;
    });
    control.reset();
    { const ControlThread gone = std::move(first); }
    let_go = true;
    CHECK(soon([&] { return ran == 2; }));
  }
  CHECK(soon([&] { return threads() <= before; }));
}

TEST("a timed task runs when it is due, in the order of the times, and the others are not kept waiting") {
  std::vector<int> ran;
  std::atomic<int> count{0};
  ControlThread control;
  const auto begin = SteadyClock::now();
  const auto note = [&](int number) {
    return [&, number] {
      ran.push_back(number);
      ++count;
    };
  };
  control.post_after(std::chrono::milliseconds(60), note(3));
  control.post_after(std::chrono::milliseconds(30), note(2));
  control.post(note(1));
  CHECK(soon([&] { return count == 3; }));
  CHECK(SteadyClock::now() - begin >= std::chrono::milliseconds(60));
  CHECK((ran == std::vector<int>{1, 2, 3}));
}

TEST("what is not due when the last owner goes is not run, and what it holds goes") {
  std::atomic<bool> ran{false};
  const auto held = std::make_shared<int>(0);
  {
    ControlThread control;
    control.post_after(std::chrono::hours(1), [&ran, held] { ran = true; });
  }
  CHECK(!ran);
  CHECK_EQ(held.use_count(), 1L);
}
