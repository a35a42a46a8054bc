// Mounts of a server from their first unit to their end, and the port from start to stop. No client here: they are
// in tests/peers.
#include "output/rtsp_server.h"

#include "check.h"
#include "numbered_lane.h"
#include "report/errors.h"
#include "stage.h"

using namespace skyline;

namespace {

RtspSettings any_port() {
  RtspSettings settings;
  settings.port = "0";
  return settings;
}

RtspMountSettings camera(bool on_demand = false) {
  RtspMountSettings mount;
  mount.name = "camera";
  mount.path = "/camera";
  mount.chain = {{"rtph264pay", {{"pt", std::int64_t{96}}}, {}, "pay0"}};
  mount.on_demand = on_demand;
  return mount;
}

std::shared_ptr<Output> add(Stage& stage, RtspServer& server, RtspMountSettings mount) {
  auto output = server.add_mount(std::move(mount), {stage.time, stage.fan_out, stage.control, stage.events});
  stage.fan_out.add(output);
  return output;
}

}  // namespace

TEST("a mount is live once the first key unit has come, whether the server runs or not") {
  Stage stage;
  const auto server = RtspServer::create(any_port());
  const auto output = add(stage, *server, camera());
  CHECK(output->state() == Output::State::connecting);
  NumberedLane lane(stage.fan_out);
  lane.push(3);
  CHECK(soon([&] { return output->state() == Output::State::live; }));
  server->start();
  lane.push(3);
  CHECK(stage.remove(output));
  CHECK(output->state() == Output::State::stopped);
  const OutputStats stats = output->stats();
  CHECK(adds_up(stats));
  CHECK_EQ(stats.units_in, stats.units_dropped);  // nobody watched
  CHECK_EQ(stage.event_kinds(), "started finished");
}

TEST("on demand it wants units until it is primed, and then only for clients") {
  Stage stage;
  const auto server = RtspServer::create(any_port());
  const auto output = add(stage, *server, camera(true));
  CHECK(output->wants_units());
  NumberedLane lane(stage.fan_out);
  lane.push(1);
  CHECK(!output->wants_units());
  CHECK(stage.remove(output));
}

TEST("a path is served once, and free again afterwards") {
  Stage stage;
  const auto server = RtspServer::create(any_port());
  const auto output = add(stage, *server, camera());
  CHECK_THROWS(add(stage, *server, camera()), SinkError);
  CHECK_THROWS(server->add_launch("/camera", "videotestsrc ! rtpvrawpay name=pay0"), SinkError);
  CHECK(!server->remove_launch("/camera"));
  CHECK(stage.remove(output));
  CHECK(stage.remove(add(stage, *server, camera())));
}

TEST("elements that cannot work speak at once") {
  Stage stage;
  const auto server = RtspServer::create(any_port());
  RtspMountSettings mount = camera();
  mount.chain = {{"nosuchpay", {}, {}, "pay0"}};
  CHECK_THROWS(add(stage, *server, mount), MissingElementError);
  CHECK(stage.remove(add(stage, *server, camera())));
}

TEST("units that no payloader takes are a failure of this output") {
  Stage stage;
  const auto server = RtspServer::create(any_port());
  RtspMountSettings mount = camera();
  mount.chain = {{"rtpvp8pay", {}, {}, "pay0"}};
  const auto output = add(stage, *server, mount);
  NumberedLane lane(stage.fan_out);
  lane.push(3);
  CHECK(soon([&] { return output->state() == Output::State::failed; }));
  CHECK(!stage.remove(output));
  CHECK(adds_up(output->stats()));
  CHECK_EQ(output->stats().units_queued, 0U);
}

TEST("start, stop, start: the same port; a busy one says so") {
  const auto server = RtspServer::create(any_port());
  server->start();
  const std::string port = server->port();
  server->start();
  for (int n = 0; n < 5; ++n) {
    server->stop(Deadline::in_seconds(5), {});
    CHECK(!server->is_running());
    server->start();
    CHECK_EQ(server->port(), port);
  }
  RtspSettings same = any_port();
  same.port = port;
  const auto other = RtspServer::create(same);
  try {
    other->start();
    CHECK(!"two servers on one port");
  } catch (const PipelineError& error) {
    CHECK_EQ(error.error.domain, std::string("resource"));
    CHECK_SAY(error.error.message.find("Address already in use") != std::string::npos, error.error.message);
  }
  server->stop(Deadline::in_seconds(5), {});
  other->start();
}

TEST("a shared server ends with the last who has it, and its port is free then") {
  const auto probe = RtspServer::create(any_port());
  probe->start();
  RtspSettings settings = any_port();
  settings.port = probe->port();
  CHECK_THROWS(RtspServer::shared(settings), PipelineError);
  probe->stop(Deadline::in_seconds(5), {});
  for (int n = 0; n < 3; ++n) {
    auto one = RtspServer::shared(settings);
    CHECK(one == RtspServer::shared(settings));
    CHECK(one->is_running());
  }
}

TEST("an output that nobody finished goes with its server") {
  Stage stage;
  {
    const auto server = RtspServer::create(any_port());
    server->start();
    const auto output = add(stage, *server, camera());
    NumberedLane lane(stage.fan_out);
    lane.push(3);
    CHECK(soon([&] { return output->state() == Output::State::live; }));
    stage.fan_out.remove(output.get());
  }
  CHECK_EQ(stage.fan_out.size(), 0U);
}
