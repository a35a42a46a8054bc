// The rules of supervision that need no peer: when to try again, and when one counts as stalled.
#include "check.h"
#include "output/back_off.h"
#include "output/peer_words.h"
#include "output/stall_rule.h"

using namespace skyline;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::int64_t ms_of(std::optional<std::chrono::nanoseconds> delay) {
  return delay ? std::chrono::duration_cast<milliseconds>(*delay).count() : -1;
}

BackOff back_off(int max_retries, double random) {
  return BackOff({500'000'000, 1'500'000'000, max_retries}, [random] { return random; });
}

constexpr seconds kNever{0};

BusError said(const std::string& message, const std::string& debug = "", int code = GST_RESOURCE_ERROR_WRITE) {
  BusError error;
  error.element = "sink";
  error.domain = "resource";
  error.code = code;
  error.message = message;
  error.debug = debug;
  return error;
}

bool begins(const BusError& error, const std::string& cause) {
  return error.message.compare(0, cause.size(), cause) == 0;
}

}  // namespace

TEST("the bound doubles up to the cap") {
  BackOff longest = back_off(-1, 1.0);
  CHECK_EQ(ms_of(longest.lost(kNever, false)), 500);
  CHECK_EQ(ms_of(longest.lost(kNever, false)), 1000);
  for (int n = 0; n < 100; ++n) CHECK_EQ(ms_of(longest.lost(kNever, false)), 1500);
  CHECK_EQ(longest.attempt(), 102);
}

TEST("the whole of the bound is random") {
  BackOff none = back_off(-1, 0.0);
  for (int n = 0; n < 5; ++n) CHECK_EQ(ms_of(none.lost(kNever, false)), 0);
  BackOff half = back_off(-1, 0.5);
  CHECK_EQ(ms_of(half.lost(kNever, false)), 250);
  CHECK_EQ(ms_of(half.lost(kNever, false)), 500);
  CHECK_EQ(ms_of(half.lost(kNever, false)), 750);
}

TEST("retries in a row are counted, and end") {
  BackOff three = back_off(3, 1.0);
  for (int n = 1; n <= 3; ++n) {
    CHECK(three.lost(kNever, false).has_value());
    CHECK_EQ(three.attempt(), n);
  }
  CHECK(!three.lost(kNever, false).has_value());
  CHECK(!back_off(0, 1.0).lost(kNever, false).has_value());
}

TEST("only a connection that lasted begins the row anew") {
  BackOff two = back_off(2, 1.0);
  two.lost(kNever, false);
  two.lost(seconds(9), false);  // one that is thrown out at once each time is no success
  CHECK(!two.lost(seconds(9), false).has_value());
  CHECK_EQ(ms_of(two.lost(seconds(10), false)), 500);
  CHECK_EQ(two.attempt(), 1);
}

TEST("who was refused for his credentials does not hammer") {
  CHECK_EQ(ms_of(back_off(-1, 0.0).lost(kNever, true)), 30'000);
  CHECK_EQ(ms_of(back_off(-1, 1.0).lost(kNever, true)), 30'500);
}

TEST("a peer is stalled when what waits is not confirmed for so long") {
  StallRule rule{milliseconds(3000)};
  const auto at = [begin = SteadyClock::time_point(seconds(100))](int ms) { return begin + milliseconds(ms); };
  CHECK(!rule.is_stalled(1000, 50, at(0)));
  CHECK(!rule.is_stalled(9000, 50, at(2999)));
  CHECK(rule.is_stalled(9000, 50, at(3000)));
  CHECK(!rule.is_stalled(9000, 51, at(3001)));  // a byte was taken
  CHECK(!rule.is_stalled(9000, 51, at(6000)));
  CHECK(!rule.is_stalled(0, 51, at(9000)));     // nothing waits: a pause
  CHECK(!rule.is_stalled(10, 51, at(11'999)));
  CHECK(rule.is_stalled(10, 51, at(12'000)));
}

TEST("causes are named in words of ours before those of the sink") {
  using Kind = PeerSign::Kind;
  const Attempt rtmp{Kind::rtmp, false, milliseconds(20)};
  CHECK(begins(name_cause(said("Failed to connect: Error resolving “x.invalid”: Name or service not known"), rtmp),
               "the host is unknown ("));
  CHECK(begins(name_cause(said("Connection refused: Could not connect to 127.0.0.1: Connection refused"), rtmp),
               "the connection was refused"));
  CHECK(begins(name_cause(said("Failed to connect: 'publish' cmd failed: connection closed remotely"), rtmp),
               "the server refuses the stream"));
  CHECK(begins(name_cause(said("Failed to connect: 'connect' cmd failed: connection closed remotely"), rtmp),
               "the server refuses the application"));
  // 1.22 says the same of both; 1.26 has a code of its own for the first.
  const std::string lost = "Failed to write to SRT socket: Connection does not exist";
  CHECK(begins(name_cause(said(lost), {Kind::srt_caller, false, milliseconds(80)}),
               "the peer refuses us: a wrong passphrase"));
  CHECK(begins(name_cause(said(lost), {Kind::srt_caller, false, milliseconds(3010)}), "the peer does not answer"));
  CHECK(begins(name_cause(said("Failed to authenticate: ERROR:BADSECRET", "", GST_RESOURCE_ERROR_NOT_AUTHORIZED),
                          {Kind::srt_caller, false, milliseconds(3500)}),
               "the peer refuses us"));
  CHECK_EQ(name_cause(said(lost), {Kind::srt_caller, true, seconds(60)}).message, lost);
  const Attempt rtsp{Kind::rtsp, false, milliseconds(20)};
  const BusError refused =
      said("Not authorized to access resource.", "Unauthorized", GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  CHECK(begins(name_cause(refused, rtsp), "the server refuses the user name or the password"));
  CHECK(is_unauthorised(refused));
  CHECK(begins(name_cause(said("Resource not found.", "Not Found", GST_RESOURCE_ERROR_NOT_FOUND), rtsp),
               "the server has no such path"));
  CHECK_EQ(name_cause(said("Disk gone"), {}).message, std::string("Disk gone"));
}
