// Who gets a unit, and which requests for a key unit reach the encoder.
#include <atomic>
#include <thread>

#include "check.h"
#include "lane/fan_out.h"

using namespace skyline;

namespace {

struct Recorder : UnitConsumer {
  void consume(const Unit& unit) override {
    ++units;
    last_ns = unit.pts_ns;
  }
  void end_of_units() override { ++ends; }
  std::atomic<int> units{0};
  std::atomic<int> ends{0};
  std::atomic<std::int64_t> last_ns{-1};
};

Unit unit(std::int64_t pts_ns, bool is_key = false) {
  Unit made;
  made.pts_ns = pts_ns;
  made.is_key = is_key;
  return made;
}

}  // namespace

TEST("every consumer gets every unit, until it is removed") {
  FanOut fan_out;
  const auto one = std::make_shared<Recorder>();
  const auto two = std::make_shared<Recorder>();
  fan_out.add(one);
  fan_out.push(unit(1, true));
  fan_out.add(two);
  fan_out.push(unit(2));
  CHECK_EQ(fan_out.size(), std::size_t{2});
  fan_out.remove(one.get());
  fan_out.push(unit(3));
  fan_out.end_of_units();
  CHECK_EQ(one->units.load(), 2);
  CHECK_EQ(one->ends.load(), 0);
  CHECK_EQ(two->units.load(), 2);
  CHECK_EQ(two->last_ns.load(), 3);
  CHECK_EQ(two->ends.load(), 1);
  CHECK_EQ(fan_out.key_units(), std::uint64_t{1});
  CHECK_EQ(one.use_count(), 1L);
  fan_out.remove(one.get());  // twice does no harm
}

TEST("no request before the first unit") {
  FanOut fan_out;
  int asked = 0;
  fan_out.set_key_unit_request([&](std::int64_t) { ++asked; });
  for (int n = 0; n < 5; ++n) fan_out.request_key_unit();
  fan_out.request_key_unit(7);
  CHECK_EQ(asked, 0);
  fan_out.push(unit(0, true));
  fan_out.request_key_unit();
  CHECK_EQ(asked, 1);
}

TEST("a burst gives one event, and so does one time asked for twice") {
  FanOut fan_out;
  std::vector<std::int64_t> asked;
  fan_out.set_key_unit_request([&](std::int64_t time) { asked.push_back(time); });
  fan_out.push(unit(0, true));
  for (int n = 0; n < 40; ++n) fan_out.request_key_unit();
  CHECK_EQ(asked.size(), std::size_t{1});
  fan_out.push(unit(1));
  fan_out.request_key_unit();
  CHECK_EQ(asked.size(), std::size_t{2});
  for (int n = 0; n < 3; ++n) fan_out.request_key_unit(2'000);
  fan_out.push(unit(2));
  fan_out.request_key_unit(2'000);
  fan_out.request_key_unit(4'000);
  CHECK((asked == std::vector<std::int64_t>{-1, -1, 2'000, 4'000}));
}

TEST("who comes in mid-stream gets a key unit asked for") {
  FanOut fan_out;
  int asked = 0;
  fan_out.set_key_unit_request([&](std::int64_t) { ++asked; });
  fan_out.add(std::make_shared<Recorder>());
  CHECK_EQ(asked, 0);
  fan_out.push(unit(0, true));
  fan_out.add(std::make_shared<Recorder>());
  fan_out.add(std::make_shared<Recorder>());
  CHECK_EQ(asked, 1);
}

TEST("a consumer may remove itself, and ask, while it is given a unit") {
  struct Leaver : UnitConsumer {
    explicit Leaver(FanOut& from) : fan_out(from) {}
    void consume(const Unit&) override {
      fan_out.request_key_unit();
      fan_out.remove(this);
    }
    void end_of_units() override {}
    FanOut& fan_out;
  };
  FanOut fan_out;
  int asked = 0;
  fan_out.set_key_unit_request([&](std::int64_t) { ++asked; });
  fan_out.add(std::make_shared<Leaver>(fan_out));
  fan_out.push(unit(0, true));
  CHECK_EQ(fan_out.size(), std::size_t{0});
  CHECK_EQ(asked, 1);
}

TEST("adding and removing beside a running lane") {
  FanOut fan_out;
  std::atomic<bool> running{true};
  std::thread lane([&] {
    for (std::int64_t n = 0; running; ++n) fan_out.push(unit(n, n % 10 == 0));
  });
  for (int n = 0; n < 2000; ++n) {
    const auto consumer = std::make_shared<Recorder>();
    fan_out.add(consumer);
    fan_out.remove(consumer.get());
  }
  running = false;
  lane.join();
  CHECK_EQ(fan_out.size(), std::size_t{0});
}
