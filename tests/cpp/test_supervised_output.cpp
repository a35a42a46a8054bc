// An output whose peer comes and goes, is stuck, or was never there; and that its neighbour does not notice.
#include "output/supervised_output.h"

#include "check.h"
#include "numbered_lane.h"
#include "recording.h"
#include "stage.h"
#include "tcp_peer.h"

using namespace skyline;

namespace {

using State = Output::State;

Recipe tcp_recipe(int port) {
  Recipe recipe;
  recipe.name = "peer";
  recipe.chain = {
      {"h264parse", {}, {}, ""},
      {"mpegtsmux", {}, {}, ""},
      {"tcpclientsink",
       {{"host", std::string("127.0.0.1")}, {"port", std::int64_t{port}}, {"sync", false}, {"async", false}},
       {},
       ""}};
  recipe.own_zero = false;
  recipe.bounds = {300, 0};
  recipe.retry.emplace();
  return recipe;
}

Recipe rtmp_recipe(int port) {
  Recipe recipe = tcp_recipe(port);
  recipe.chain[1] = {"flvmux", {{"streamable", true}}, {}, ""};
  recipe.chain[2] = {
      "rtmp2sink",
      {{"location", "rtmp://127.0.0.1:" + std::to_string(port) + "/live/key"}, {"sync", false}, {"async", false}},
      {},
      ""};
  return recipe;
}

std::shared_ptr<SupervisedOutput> add(Stage& stage, const Recipe& recipe) {
  auto output = SupervisedOutput::create(recipe, {stage.time, stage.fan_out, stage.control, stage.events});
  output->open();
  stage.fan_out.add(output);
  return output;
}

// Frames until something is so, as a camera gives them.
bool push_until(NumberedLane& lane, const std::function<bool()>& is_so, int seconds = 10) {
  for (int n = 0; n < seconds * 50 && !is_so(); ++n) {
    lane.push(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return is_so();
}

int count(const std::vector<Event>& events, const std::string& kind) {
  return static_cast<int>(
      std::count_if(events.begin(), events.end(), [&](const Event& event) { return event.kind == kind; }));
}

double seconds_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

}  // namespace

TEST("a peer that comes back is sent whole pictures again; the neighbour has them all") {
  Folder folder;
  Stage stage;
  TcpPeer peer(folder / "peer");
  NumberedLane lane(stage.fan_out);
  const auto output = add(stage, tcp_recipe(peer.port()));
  const auto steady = stage.add(file_recipe("ts", folder / "steady.ts"));
  CHECK(push_until(lane, [&] { return output->state() == State::live; }));
  for (unsigned times = 1; times <= 3; ++times) {
    CHECK(push_until(lane, [&] { return peer.bytes() > 0; }));
    peer.kill();
    CHECK(push_until(lane, [&] { return output->state() == State::backoff; }));
    lane.push(10);
    peer.start();
    CHECK(push_until(lane, [&] { return output->state() == State::live; }));
    CHECK_EQ(output->stats().reconnects, times);
    lane.push(20);
    CHECK(adds_up(output->stats()));
  }
  const int frames = lane.frames();
  CHECK(stage.remove(output));
  CHECK(output->state() == State::stopped);
  CHECK(stage.remove(steady));
  CHECK(soon([&] { return read_recording(peer.file(peer.connections() - 1)).packets >= 20; }));
  const Recording last = read_recording(peer.file(peer.connections() - 1));
  CHECK_SAY(!last.numbers.empty() && last.is_exactly(last.numbers.front(), frames - 1), last.text());
  const Recording all = read_recording(folder / "steady.ts");
  CHECK_SAY(all.is_exactly(0, frames - 1), all.text());
  const auto events = stage.all_events();
  CHECK_EQ(count(events, "connected"), 4);
  CHECK(count(events, "reconnecting") >= 3);
  CHECK_EQ(count(events, "failed"), 0);
}

TEST("a first connection that is refused fails at once, once, and alone") {
  Folder folder;
  Stage stage;
  TcpPeer peer(folder / "peer");
  peer.kill();
  NumberedLane lane(stage.fan_out);
  const auto begin = SteadyClock::now();
  const auto refused = add(stage, rtmp_recipe(peer.port()));
  const auto refused_too = add(stage, tcp_recipe(peer.port()));
  const auto steady = stage.add(file_recipe("ts", folder / "steady.ts"));
  lane.push(5);
  CHECK(soon([&] { return refused->state() == State::failed && refused_too->state() == State::failed; }, 5));
  CHECK_SAY(seconds_since(begin) < 5, std::to_string(seconds_since(begin)));
  for (const auto& output : {refused, refused_too}) {
    const std::string said = output->failure()->error()->message;
    CHECK_SAY(said.find("refused") != std::string::npos, said);
    CHECK(!stage.remove(output));
    CHECK(adds_up(output->stats()));
  }
  lane.push(20);
  CHECK(stage.remove(steady));
  CHECK_EQ(count(stage.all_events(), "failed"), 2);
  const Recording all = read_recording(folder / "steady.ts");
  CHECK_SAY(all.is_exactly(0, 24), all.text());
}

TEST("a server that takes the call and says nothing is given up, and keeps nobody") {
  Folder folder;
  Stage stage;
  TcpPeer peer(folder / "peer");
  TcpPeer other(folder / "other");
  NumberedLane lane(stage.fan_out);
  const auto output = add(stage, rtmp_recipe(peer.port()));
  const auto brief = add(stage, rtmp_recipe(other.port()));
  lane.push(10);
  CHECK(output->state() == State::connecting);
  CHECK_EQ(output->stats().units_dropped, std::uint64_t{0});  // kept for when it answers
  // A first connection still has the time that is left, and no more.
  auto begin = SteadyClock::now();
  CHECK(!stage.remove(brief, 0.5));
  CHECK_SAY(seconds_since(begin) < 2.1, std::to_string(seconds_since(begin)));
  CHECK(soon([&] { return output->state() == State::failed; }));
  CHECK_SAY(output->failure()->error()->message.find("does not answer") != std::string::npos,
            output->failure()->error()->message);
  begin = SteadyClock::now();
  CHECK(!stage.remove(output));
  CHECK(seconds_since(begin) < 3);
}

TEST("a peer that stops reading is noticed, and nobody waits for it") {
  Folder folder;
  Stage stage;
  TcpPeer peer(folder / "peer");
  NumberedLane lane(stage.fan_out, {640, 480});
  const auto output = add(stage, tcp_recipe(peer.port()));
  CHECK(push_until(lane, [&] { return output->state() == State::live && peer.bytes() > 0; }));
  peer.stop_reading();
  const auto begin = SteadyClock::now();
  CHECK(push_until(lane, [&] { return output->state() != State::live; }, 20));
  CHECK_SAY(seconds_since(begin) < 8, std::to_string(seconds_since(begin)));
  std::string reason;
  for (const auto& event : stage.all_events()) {
    if (event.kind == "reconnecting" && reason.empty()) reason = event.message;
  }
  CHECK_SAY(reason.find("takes no more data") != std::string::npos, reason);
  CHECK(adds_up(output->stats()));
  // Away at the end: what is queued is not waited for.
  peer.kill();
  const auto end = SteadyClock::now();
  CHECK(stage.remove(output, 10));
  CHECK_SAY(seconds_since(end) < 3, std::to_string(seconds_since(end)));
  CHECK_EQ(output->stats().units_queued, std::uint64_t{0});
}

TEST("retries end where that is wished") {
  Folder folder;
  Stage stage;
  TcpPeer peer(folder / "peer");
  NumberedLane lane(stage.fan_out);
  Recipe recipe = tcp_recipe(peer.port());
  recipe.retry = Retry{10'000'000, 20'000'000, 2};
  const auto output = add(stage, recipe);
  CHECK(push_until(lane, [&] { return output->state() == State::live; }));
  peer.kill();
  CHECK(push_until(lane, [&] { return output->state() == State::failed; }));
  const auto events = stage.all_events();
  CHECK_EQ(count(events, "reconnecting"), 2);
  CHECK_EQ(count(events, "failed"), 1);
  CHECK(!stage.remove(output));
}

TEST("outputs with dead peers come and go: threads and files stay") {
  Folder folder;
  Stage stage;
  TcpPeer peer(folder / "peer");
  NumberedLane lane(stage.fan_out);
  int threads_before = 0;
  int files_before = 0;
  for (int n = 0; n < 40; ++n) {
    if (n == 5) {
      CHECK(soon([&] { return threads() > 0; }));
      threads_before = threads();
      files_before = open_files();
    }
    auto output = add(stage, n % 2 == 0 ? tcp_recipe(1) : tcp_recipe(peer.port()));
    lane.push(3);
    if (n % 3 == 0) {
      stage.fan_out.remove(output.get());  // dropped without finish()
    } else {
      stage.remove(output);
    }
  }
  CHECK(soon([&] { return threads() <= threads_before && open_files() <= files_before; }));
}
