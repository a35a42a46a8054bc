// What a mount gives its media: nothing while nobody watches, everything from a key unit on, and held back while a
// client joins.
#include "output/rtsp_feed.h"

#include <thread>
#include <vector>

#include "check.h"
#include "stage.h"

using namespace skyline;

namespace {

constexpr std::int64_t kUnit_ns = 40'000'000;

Unit unit(int number, bool is_key) {
  static const CapsPtr caps =
      CapsPtr::adopt(gst_caps_from_string("video/x-h264,stream-format=byte-stream,alignment=au"));
  Unit made;
  made.buffer = BufferPtr::adopt(gst_buffer_new_allocate(nullptr, 10, nullptr));
  made.pts_ns = number * kUnit_ns;
  GST_BUFFER_PTS(made.buffer.get()) = static_cast<GstClockTime>(made.pts_ns);
  made.caps = caps;
  made.bytes = 10;
  made.is_key = is_key;
  return made;
}

// A media that takes whatever it gets, and knows what it got.
class Media {
 public:
  explicit Media(RtspFeed& feed) {
    ensure_runtime();
    pipeline_ = ElementPtr::adopt(
        GST_ELEMENT(gst_object_ref_sink(gst_parse_launch("appsrc name=in ! appsink name=out sync=false", nullptr))));
    out_ = ElementPtr::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "out"));
    source_ = feed.attach(ElementPtr::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "in")).get());
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  }
  ~Media() {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    source_.reset();
  }
  Media(const Media&) = delete;

  // The next one's number; -1 where none comes.
  int next() {
    const auto sample = SamplePtr::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(out_.get()), 200 * GST_MSECOND));
    if (!sample) return -1;
    return static_cast<int>(static_cast<std::int64_t>(GST_BUFFER_PTS(gst_sample_get_buffer(sample.get()))) / kUnit_ns);
  }

 private:
  ElementPtr pipeline_;
  ElementPtr out_;
  std::shared_ptr<AppSource> source_;
};

struct Fixture {
  Stage stage;
  std::shared_ptr<RtspFeed> feed = std::make_shared<RtspFeed>(GopQueue::Bounds{300, 0});
};

}  // namespace

TEST("a media learns its caps from the last key unit, and gets nothing else while nobody watches") {
  Fixture fixture;
  auto& feed = *fixture.feed;
  CHECK(feed.offer(unit(0, false)));  // asks for a key unit
  CHECK(!feed.is_primed());
  CHECK(!feed.offer(unit(1, true)));
  CHECK(!feed.offer(unit(2, false)));
  CHECK(feed.is_primed());
  Media media(feed);
  CHECK_EQ(media.next(), 1);
  CHECK(!feed.offer(unit(3, true)));
  CHECK_EQ(media.next(), -1);
  CHECK(feed.is_stale(1 * kUnit_ns));
  CHECK_EQ(feed.stats().units_in, 0U);  // nobody missed them
  CHECK(adds_up(feed.stats()));
}

TEST("it opens at a key unit, and what was before is stale") {
  Fixture fixture;
  auto& feed = *fixture.feed;
  feed.offer(unit(0, true));
  Media media(feed);
  CHECK_EQ(media.next(), 0);
  feed.set_watched(true);
  CHECK(feed.offer(unit(1, false)));  // a gap before it: a key unit has to be asked for
  CHECK(!feed.offer(unit(2, true)));
  CHECK(!feed.offer(unit(3, false)));
  CHECK_EQ(media.next(), 2);
  CHECK_EQ(media.next(), 3);
  CHECK(feed.is_stale(1 * kUnit_ns));
  CHECK(!feed.is_stale(2 * kUnit_ns));
  feed.set_watched(false);
  CHECK(!feed.offer(unit(4, false)));
  CHECK(feed.is_stale(3 * kUnit_ns));
  feed.set_watched(true);
  CHECK(feed.offer(unit(5, false)));
  CHECK(adds_up(feed.stats()));
}

TEST("while a client joins, units wait from the next key unit on, and none is lost") {
  Fixture fixture;
  auto& feed = *fixture.feed;
  feed.offer(unit(0, true));
  Media media(feed);
  media.next();
  feed.set_watched(true);
  feed.offer(unit(1, true));
  CHECK_EQ(media.next(), 1);
  bool waited = false;
  std::thread joining([&] { waited = feed.hold(std::chrono::seconds(5)); });
  // What comes before the client is about to be added goes out as ever, key unit or not.
  int number = 1;
  while (feed.stats().units_queued == 0) {
    feed.offer(unit(++number, true));
    if (feed.stats().units_queued == 0) CHECK_EQ(media.next(), number);
  }
  feed.offer(unit(number + 1, false));
  joining.join();
  CHECK(waited);
  CHECK_EQ(feed.stats().units_queued, 2U);
  CHECK_EQ(media.next(), -1);
  feed.release();
  CHECK_EQ(media.next(), number);
  CHECK_EQ(media.next(), number + 1);
  CHECK(adds_up(feed.stats()));
}

TEST("where nobody watches there is nothing to wait for") {
  Fixture fixture;
  fixture.feed->offer(unit(0, true));
  CHECK(!fixture.feed->hold(std::chrono::seconds(5)));
  CHECK(fixture.feed->is_watched());  // or about to be
  fixture.feed->release();
  CHECK(!fixture.feed->is_watched());
}

TEST("the others do not wait for ever for a client whose PLAY came to nothing") {
  Fixture fixture;
  auto& feed = *fixture.feed;
  feed.offer(unit(0, true));
  Media media(feed);
  media.next();
  feed.set_watched(true);
  std::thread joining([&] { feed.hold(std::chrono::seconds(5)); });
  CHECK(soon([&] {
    feed.offer(unit(1, true));
    return feed.stats().units_queued > 0;
  }));
  joining.join();
  CHECK(soon([&] {
    feed.offer(unit(2, false));
    return feed.stats().units_queued == 0;
  }));
  CHECK(adds_up(feed.stats()));
}

TEST("a joining client is not waited for where no key unit comes") {
  Fixture fixture;
  fixture.feed->offer(unit(0, true));
  fixture.feed->set_watched(true);
  const auto began = SteadyClock::now();
  fixture.feed->hold(std::chrono::milliseconds(50));
  CHECK(SteadyClock::now() - began < std::chrono::seconds(2));
}

TEST("what is abandoned is counted as dropped") {
  Fixture fixture;
  auto& feed = *fixture.feed;
  feed.offer(unit(0, true));
  feed.set_watched(true);
  for (int number = 1; number < 6; ++number) feed.offer(unit(number, number == 1));
  CHECK_EQ(feed.stats().units_queued, 5U);
  feed.abandon();
  CHECK_EQ(feed.stats().units_queued, 0U);
  CHECK(adds_up(feed.stats()));
  CHECK(!feed.offer(unit(7, true)));
}
