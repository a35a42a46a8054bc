// The policy of a full queue and of the cuts: arithmetic only, no GStreamer.
#include "check.h"
#include "lane/gop_queue.h"
#include "output/cut_plan.h"
#include "output/recipe.h"

using namespace skyline;

namespace {

Unit unit(std::int64_t number, bool is_key, std::size_t bytes = 10) {
  Unit made;
  made.pts_ns = number;
  made.bytes = bytes;
  made.is_key = is_key;
  return made;
}

// Numbers first…last; every `gop`-th is a key unit.
void fill(GopQueue& queue, int first, int last, int gop) {
  for (int n = first; n <= last; ++n) queue.push(unit(n, n % gop == 0));
}

}  // namespace

TEST("a queue begins at a key unit") {
  GopQueue queue({});
  CHECK(queue.awaits_key());
  CHECK(!queue.push(unit(1, false)));
  CHECK(queue.empty());
  CHECK(queue.push(unit(2, true)));
  CHECK(queue.push(unit(3, false)));
  CHECK_EQ(queue.size(), std::size_t{2});
  CHECK_EQ(queue.bytes(), std::size_t{20});
  CHECK_EQ(queue.pop().pts_ns, 2);
  CHECK_EQ(queue.pop().pts_ns, 3);
  CHECK_EQ(queue.bytes(), std::size_t{0});
  CHECK(!queue.awaits_key());  // emptied by its reader, not by a drop: no gap
}

TEST("a full queue drops the oldest whole GOP") {
  GopQueue queue({10, 0});
  fill(queue, 0, 9, 4);  // 0…3 4…7 8 9
  CHECK(queue.is_full());
  CHECK_EQ(queue.make_room(), std::size_t{4});
  CHECK_EQ(queue.front().pts_ns, 4);
  CHECK(queue.front().is_key);
  CHECK(!queue.awaits_key());
  CHECK_EQ(queue.make_room(), std::size_t{0});
}

TEST("the rest of a GOP that was partly handed on goes as a whole") {
  GopQueue queue({6, 0});
  fill(queue, 0, 5, 4);
  queue.pop();
  fill(queue, 6, 6, 4);
  CHECK_EQ(queue.make_room(), std::size_t{3});  // 1 2 3
  CHECK_EQ(queue.front().pts_ns, 4);
}

TEST("a GOP longer than the bound is dropped, and a key unit awaited") {
  GopQueue queue({5, 0});
  fill(queue, 0, 4, 100);
  CHECK_EQ(queue.make_room(), std::size_t{5});
  CHECK(queue.empty());
  CHECK(queue.awaits_key());
  CHECK(!queue.push(unit(5, false)));
  CHECK(queue.push(unit(6, true)));
}

TEST("bytes bound as units do") {
  GopQueue queue({0, 100});
  for (int n = 0; n < 4; ++n) queue.push(unit(n, n % 2 == 0, 30));
  CHECK(queue.is_full());
  CHECK_EQ(queue.make_room(), std::size_t{2});
  CHECK_EQ(queue.bytes(), std::size_t{60});
}

TEST("no bound never drops, key units only means newest wins") {
  GopQueue endless({});
  fill(endless, 0, 999, 10);
  CHECK(!endless.is_full());
  CHECK_EQ(endless.make_room(), std::size_t{0});

  GopQueue raw({3, 0});
  for (int n = 0; n < 10; ++n) {
    raw.make_room();
    raw.push(unit(n, true));
  }
  CHECK_EQ(raw.size(), std::size_t{3});
  CHECK_EQ(raw.front().pts_ns, 7);
}

TEST("a cleared queue awaits a key unit") {
  GopQueue queue({});
  fill(queue, 0, 4, 10);
  CHECK_EQ(queue.clear(), std::size_t{5});
  CHECK_EQ(queue.bytes(), std::size_t{0});
  CHECK(queue.awaits_key());
}

TEST("parts of two seconds have sixty frames each, though times tremble") {
  CutPlan plan(2'000'000'000, 0);
  std::int64_t asked = -1;
  int cuts = 0;
  for (int n = 0; n < 600; ++n) {
    // 30/s, up to 0.2 ms early or late; the encoder makes a key unit at the first frame at or after the
    // time it was asked for.
    const std::int64_t tremble_us = n * 7919 % 401 - 200;
    const std::int64_t pts = 1'234'567 + (n * std::int64_t{1'000'000'000} + 15) / 30 + tremble_us * 1000;
    const bool is_key = n == 0 || (asked >= 0 && pts >= asked);
    if (is_key) asked = -1;
    if (plan.take(pts, 1000, is_key, false)) {
      CHECK_EQ(n, cuts * 60);
      ++cuts;
    }
    if (plan.key_unit_wanted()) asked = *plan.key_unit_wanted();
  }
  CHECK_EQ(cuts, 10);
}

TEST("a part begins only at a key unit") {
  CutPlan plan(1000'000'000, 0);
  CHECK(!plan.take(0, 10, false, false));
  CHECK(plan.take(1, 10, true, false));
  CHECK(!plan.take(900'000'000, 10, true, false));  // too early
  CHECK(!plan.take(1500'000'000, 10, false, false));
  CHECK(plan.take(1600'000'000, 10, true, false));
  CHECK(plan.take(1700'000'000, 10, true, true));  // another size: at once
}

TEST("a key unit that does not come is asked for again once a second") {
  CutPlan plan(1000'000'000, 0);
  plan.take(0, 10, true, false);
  int asked = 0;
  for (std::int64_t pts = 100'000'000; pts < 5'000'000'000; pts += 100'000'000) {
    plan.take(pts, 10, false, false);
    if (plan.key_unit_wanted()) {
      CHECK_EQ(*plan.key_unit_wanted(), -1);
      ++asked;
    }
  }
  CHECK_EQ(asked, 3);  // at 2, 3 and 4 s
}

TEST("parts by bytes ask once, and cut at the key unit that follows") {
  CutPlan plan(0, 100);
  CHECK(plan.take(0, 60, true, false));
  CHECK(!plan.key_unit_wanted().has_value());
  CHECK(!plan.take(1, 60, false, false));
  CHECK_EQ(plan.key_unit_wanted().value_or(0), -1);
  CHECK(!plan.take(2, 60, false, false));
  CHECK(!plan.key_unit_wanted().has_value());
  CHECK(plan.take(3, 60, true, false));
  CHECK(!plan.take(4, 10, true, false));
}

TEST("no limit, no cut") {
  CutPlan plan(0, 0);
  CHECK(plan.take(0, 10, true, false));
  for (int n = 1; n < 100; ++n) CHECK(!plan.take(n * std::int64_t{1'000'000'000}, 10'000, n % 5 == 0, false));
}

TEST("part names are padded, and grow") {
  const PartNames names{"cam-%s-", 3, ".mp4"};
  CHECK_EQ(names.name(0), std::string("cam-%s-000.mp4"));
  CHECK_EQ(names.name(42), std::string("cam-%s-042.mp4"));
  CHECK_EQ(names.name(12345), std::string("cam-%s-12345.mp4"));
}
