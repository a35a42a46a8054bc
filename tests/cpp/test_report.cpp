// What leaves us in words: no secret in it, the first failure kept, events in order and bounded.
#include <atomic>
#include <thread>

#include "check.h"
#include "report/event_queue.h"
#include "report/failure.h"
#include "report/redact.h"

using namespace skyline;

namespace {

BusError error_named(const std::string& message) {
  BusError error;
  error.element = "filesink";
  error.message = message;
  return error;
}

Event event_named(std::string kind, std::uint64_t count = 0) {
  Event event;
  event.kind = std::move(kind);
  event.count = count;
  return event;
}

}  // namespace

TEST("no form of a secret survives") {
  // CANARY is the secret in each of them.
  const std::vector<std::string> texts = {
      "rtsp://user:CANARY@camera/stream",
      "rtsp://user:CAN@CANARY@camera/stream",        // unescaped, as people write it
      "rtsp://user:CANARY/CANARY@camera/stream",
      "could not open rtsp://user:CANARY@a and rtsps://other:CANARY@b:322/x?y=1",
      "rtsp://:CANARY@camera",
      "srt://host:9000?mode=caller&passphrase=CANARY&latency=200",
      "srt://host:9000?streamid=publish:CANARY",
      "srt://host:9000?streamid=%23!::r=CANARY,m=publish",
      "srtsink uri=srt://host passphrase=\"CANARY\" latency=120",
      "srtsink passphrase='CANARY CANARY'",
      "srtsink passphrase=\"one\\\"CANARY\"",        // a quote inside, as GStreamer writes it
      "srtsink passphrase=one\\ CANARY",
      "kvssink access-key=CANARY secret-key=CANARY stream-name=x",
      "AWS_SECRET_ACCESS_KEY=CANARY",
      "aws_secret_access_key = CANARY",
      "secret_key=CANARY api_key=CANARY apiKey=CANARY",
      "https://host/x?X-Amz-Credential=CANARY&X-Amz-Signature=CANARY&X-Amz-Security-Token=CANARY",
      "https://host/x?access_token=CANARY&sig=CANARY",
      "Authorization: Bearer CANARY",
      "authorization: Basic CANARY==",
      "rtspclientsink user-id=me user-pw=CANARY proxy-pw=CANARY",
      "{\"password\": \"CANARY\", 'token': 'CANARY'}",
      "password = CANARY",
      "Password: CANARY",
      "PASSPHRASE%3DCANARY",
      "stream-key=CANARY",
      "uri=rtsp%3A%2F%2Fuser%3ACANARY%40camera",
      "rtmp://host/app/CANARY",
      "rtmp2sink host=h application=live stream=CANARY", "librtmp playpath=CANARY live=1",
      "rtmp2sink location=\"rtmps://host:443/app/CANARY?s=CANARY&t=CANARY\" timeout=5",
      "rtmp://me:CANARY@host/app/instance/CANARY",
      "could not reach RTMP://[::1]:1935/app/CANARY: refused",
      "uri=rtmp%3A%2F%2Fhost%2Fapp%2FCANARY&x=1",
  };
  for (const std::string& text : texts) {
    const std::string shown = redact(text);
    CHECK_SAY(shown.find("CANARY") == std::string::npos, text + " became " + shown);
  }
}

TEST("what is no secret stays readable") {
  for (const std::string text :
       {"x264enc bitrate=2000 key-int-max=60 tune=zerolatency ! h264parse ! filesink location=/tmp/a b.mp4",
        "Could not open file \"/home/me/x.mp4\" for writing.", "rtsp://camera:554/stream",
        "http://host/path?width=640&mail=a@b", "12:30:05 started, ratio 3:4", "", "://", "@", "key", "key=",
        "keyboard=qwerty", "the key frame: none came", "could not decode stream: no data", "stream-type=stream", "mail me@example.com or see https://example.com/a:b@c", "rtmp://host/app", "rtmp://host:1935/app/", "rtmp://",
        "rtsp://host/app/cam"}) {
    CHECK_EQ(redact(text), std::string(text));
  }
  CHECK_EQ(redact("rtsp://user:CANARY@camera/stream"), std::string("rtsp://user:***@camera/stream"));
  CHECK_EQ(redact("to rtmp://h/app/CANARY now"), std::string("to rtmp://h/app/*** now"));
  CHECK_EQ(redact("srt://h?passphrase=CANARY&latency=200"), std::string("srt://h?passphrase=***&latency=200"));
}

TEST("redaction of long text neither overflows the stack nor takes its time") {
  for (const std::string& text : {std::string(4'000'000, 'a'), "passphrase=\"" + std::string(4'000'000, 'b'),
                                  "x://" + std::string(2'000'000, ':'), std::string(2'000'000, '-') + "key=CANARY"}) {
    // On a small stack, as a streaming thread of some plugin may have.
    std::string shown;
    const auto begin = std::chrono::steady_clock::now();
    std::thread([&] { shown = redact(text); }).join();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    CHECK(shown.find("CANARY") == std::string::npos);
  }
}

TEST("the first failure is kept, and each listener hears of it once") {
  Failure failure;
  std::atomic<int> heard{0};
  failure.on_latch([&] { ++heard; });
  CHECK(!failure.happened());
  failure.rethrow();
  std::atomic<int> first{0};
  std::vector<std::thread> threads;
  for (int n = 0; n < 8; ++n) {
    threads.emplace_back([&, n] {
      if (failure.latch(error_named("error " + std::to_string(n)))) ++first;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_EQ(first.load(), 1);
  CHECK_EQ(heard.load(), 1);
  failure.on_latch([&] { ++heard; });  // late: at once
  CHECK_EQ(heard.load(), 2);
  const std::string kept = failure.error()->message;
  failure.latch(error_named("later"));
  CHECK_EQ(failure.error()->message, kept);
  CHECK_THROWS(failure.rethrow(), PipelineError);
}

TEST("a listener may look at the failure and add another") {
  Failure failure;
  std::string seen;
  failure.on_latch([&] {
    seen = failure.error()->message;
    failure.on_latch([&] { seen += ", again"; });
  });
  failure.latch(error_named("disk full"));
  CHECK_EQ(seen, std::string("disk full, again"));
}

TEST("events come in order, the oldest go when nobody listens") {
  EventQueue queue;
  for (std::uint64_t n = 0; n < 3000; ++n) queue.post(event_named("dropped", n));
  std::uint64_t expected = 3000 - 1024;
  while (const auto event = queue.pop(std::chrono::milliseconds(0))) CHECK_EQ(event->count, expected++);
  CHECK_EQ(expected, std::uint64_t{3000});
}

TEST("pop ends at its timeout, at an event, and when the queue closes") {
  EventQueue queue;
  auto begin = std::chrono::steady_clock::now();
  CHECK(!queue.pop(std::chrono::milliseconds(60)));
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(60));
  std::thread poster([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    queue.post(event_named("started"));
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    queue.post(event_named("finished"));
    queue.close();
    queue.post(event_named("too late"));
  });
  begin = std::chrono::steady_clock::now();
  CHECK_EQ(queue.pop(std::chrono::seconds(10))->kind, std::string("started"));
  poster.join();
  CHECK(queue.closed());
  CHECK_EQ(queue.pop(std::chrono::seconds(10))->kind, std::string("finished"));  // what was there is still told
  CHECK(!queue.pop(std::chrono::seconds(10)));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST("events from many threads are all there") {
  EventQueue queue;
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      for (std::uint64_t count = 0; count < 200; ++count) queue.post(event_named("dropped", count));
    });
  }
  std::uint64_t sum = 0;
  for (int n = 0; n < 800; ++n) sum += queue.pop(std::chrono::seconds(5)).value_or(Event{}).count;
  for (auto& thread : threads) thread.join();
  CHECK_EQ(sum, std::uint64_t{4 * 199 * 200 / 2});
}
