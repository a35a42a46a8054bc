// Units for a thread of the program's own: all of them, in order, or whole GOPs fewer; and every way it ends.
#include <atomic>
#include <thread>

#include "check.h"
#include "output/callback_output.h"
#include "stage.h"

using namespace skyline;

namespace {

Unit unit(int number, bool is_key) {
  Unit made;
  made.buffer = BufferPtr::adopt(gst_buffer_new());
  made.pts_ns = number * std::int64_t{10'000'000};
  made.is_key = is_key;
  made.bytes = 100;
  return made;
}

int number_of(const Unit& unit) { return static_cast<int>(unit.pts_ns / 10'000'000); }

std::shared_ptr<CallbackOutput> add(Stage& stage, GopQueue::Bounds bounds = {}, bool waits = false) {
  const auto output = std::make_shared<CallbackOutput>(
      CallbackOutput::Settings{"callback", bounds, waits, [] { return std::int64_t{40'000'000}; }},
      OutputContext{stage.time, stage.fan_out, stage.control, stage.events});
  stage.fan_out.add(output);
  return output;
}

std::optional<Unit> next(CallbackOutput& output, double timeout_s = 10) {
  return output.next(Deadline::in_seconds(timeout_s), {});
}

// Takes until it is over.
std::vector<int> take_all(CallbackOutput& output) {
  std::vector<int> taken;
  while (!output.is_over()) {
    if (const auto unit = next(output)) taken.push_back(number_of(*unit));
  }
  return taken;
}

}  // namespace

TEST("every unit from the first key unit on, and the end waits for the last to be dealt with") {
  Stage stage;
  const auto output = add(stage);
  CHECK(output->wants_units());
  for (int n = 0; n < 100; ++n) stage.fan_out.push(unit(n, n % 10 == 4));
  CHECK(output->state() == Output::State::live);
  CHECK_EQ(output->origin_ns(), std::int64_t{40'000'000});
  std::atomic<bool> is_dealing{false};
  std::vector<int> taken;
  std::thread taker([&] {
    while (const auto unit = next(*output)) {
      is_dealing = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(number_of(*unit) == 99 ? 100 : 0));
      taken.push_back(number_of(*unit));
      is_dealing = false;
    }
  });
  CHECK(stage.remove(output));
  CHECK(!is_dealing);
  taker.join();
  CHECK_EQ(taken.size(), std::size_t{96});
  for (std::size_t n = 0; n < taken.size(); ++n) CHECK_EQ(taken[n], static_cast<int>(n) + 4);
  CHECK(adds_up(output->stats()));
  CHECK_EQ(output->stats().key_units, std::uint64_t{10});
  CHECK_EQ(stage.event_kinds(), "started finished");
}

TEST("a slow taker of a live stream loses whole GOPs, counted, and nobody waits for it") {
  Stage stage;
  const auto output = add(stage, {25, 0});
  for (int n = 0; n < 97; ++n) {
    stage.fan_out.push(unit(n, n % 10 == 0));
    CHECK(adds_up(output->stats()));
  }
  std::thread taker([&] {
    const auto taken = take_all(*output);
    CHECK(taken.size() >= 15 && taken.size() <= 25);
    CHECK_EQ(taken.front() % 10, 0);
    CHECK_EQ(taken.back(), 96);
  });
  CHECK(stage.remove(output));
  taker.join();
  CHECK(output->stats().units_dropped >= 70);
  CHECK(stage.event_kinds().find("dropped") != std::string::npos);
}

TEST("offline the stream waits for it") {
  Stage stage;
  const auto output = add(stage, {5, 0}, true);
  std::vector<int> taken;
  std::thread taker([&] { taken = take_all(*output); });
  for (int n = 0; n < 500; ++n) stage.fan_out.push(unit(n, n == 0));
  CHECK(stage.remove(output));
  taker.join();
  CHECK_EQ(taken.size(), std::size_t{500});
  CHECK_EQ(output->stats().units_dropped, std::uint64_t{0});
}

TEST("a taker that never comes back is given up in time, and a waiting stream goes free") {
  Stage stage;
  const auto output = add(stage, {5, 0}, true);
  for (int n = 0; n < 5; ++n) stage.fan_out.push(unit(n, n == 0));
  std::thread([&] { CHECK(next(*output).has_value()); }).join();
  stage.fan_out.push(unit(5, false));
  std::thread waiting([&] { stage.fan_out.push(unit(6, false)); });
  const auto began = SteadyClock::now();
  CHECK(!stage.remove(output, 0.2));
  waiting.join();
  CHECK(SteadyClock::now() - began < std::chrono::seconds(2));
  CHECK(output->state() == Output::State::failed);
  CHECK(adds_up(output->stats()));
  CHECK(!next(*output).has_value());  // and whoever comes back is told that it is over
  CHECK(output->is_over());
}

TEST("a taker that stops the stream from within does not wait for itself") {
  Stage stage;
  const auto last = add(stage);
  stage.fan_out.push(unit(0, true));
  CHECK(next(*last).has_value());
  CHECK(stage.remove(last));
  CHECK(last->state() == Output::State::stopped);
  const auto behind = add(stage);
  for (int n = 0; n < 3; ++n) stage.fan_out.push(unit(n, true));
  CHECK(next(*behind).has_value());
  const auto began = SteadyClock::now();
  CHECK(stage.remove(behind));
  CHECK(SteadyClock::now() - began < std::chrono::seconds(1));
  CHECK_EQ(behind->stats().units_dropped, std::uint64_t{2});
}

TEST("without a unit it ends at once; its taker is woken") {
  Stage stage;
  const auto output = add(stage);
  std::thread taker([&] { CHECK(!next(*output, 30).has_value()); });
  CHECK(stage.remove(output));
  taker.join();
  CHECK(output->state() == Output::State::stopped);
}

TEST("what it raised is counted, and told once in a while") {
  Stage stage;
  const auto output = add(stage);
  for (int n = 0; n < 50; ++n) output->note_error("ValueError");
  CHECK_EQ(output->stats().callback_errors, 50U);
  CHECK_EQ(stage.event_kinds(), "warning");
  CHECK(stage.remove(output));
}
