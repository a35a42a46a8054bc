#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "colours.h"
#include "errors.h"
#include "lane/description_lane.h"
#include "latency.h"
#include "lent_array.h"
#include "output/broadcast.h"
#include "output/rtsp_server.h"
#include "python_slot.h"
#include "subjects.h"
#include "text.h"
#include "waiting.h"

namespace skyline::bindings {
namespace {

using Fps = std::optional<std::pair<int, int>>;
using Pts = std::optional<std::int64_t>;

IntakeSettings settings_from(const std::string& format, const std::string& clock, const Fps& fps, const std::string& leaky,
                             unsigned max_buffers) {
  IntakeSettings settings;
  settings.format = format_from_name(format);
  settings.clock = clock == "fixed" ? ClockMode::fixed : ClockMode::arrival;
  if (fps) settings.framerate = {fps->first, fps->second};
  settings.leaky = leaky == "upstream" ? Leaky::upstream : leaky == "downstream" ? Leaky::downstream : Leaky::none;
  settings.max_buffers = std::max(1U, max_buffers);
  if (settings.clock == ClockMode::fixed && !fps) throw SinkError("clock=\"fixed\" puts frame n at n/fps and needs fps");
  return settings;
}

bool put(Lane& lane, py::handle frame, Pts pts_ns, double timeout_s) {
  enter();
  FrameIntake& intake = lane.intake();
  const PythonFrame python_frame(frame, intake.settings().format, intake.size());
  const Deadline deadline = Deadline::in_seconds(timeout_s);
  // Safe to release: the held Py_buffer keeps the pixels in place, and nothing below touches Python.
  const released_gil unlocked;
  return intake.put(python_frame.layout(), pts_ns, deadline, look_for_signals);
}

// Gives arrays back on the way out of a call, also by an exception; the GIL is held again by then.
struct DrainAtEnd {
  DrainAtEnd() = default;
  ~DrainAtEnd() { ReleaseQueue::instance().drain(); }
  DrainAtEnd(const DrainAtEnd&) = delete;
  DrainAtEnd& operator=(const DrainAtEnd&) = delete;
};

std::pair<std::shared_ptr<LoanState>, bool> lend(Lane& lane, py::handle frame, Pts pts_ns, double timeout_s) {
  enter();
  FrameIntake& intake = lane.intake();
  intake.queue().refuse_unless_open();
  PythonFrame python_frame(frame, intake.settings().format, intake.size());
  const Deadline deadline = Deadline::in_seconds(timeout_s);
  if (!python_frame.layout().is_lendable() || !python_frame.is_safe_to_lend()) {
    auto returned = std::make_shared<LoanState>();
    returned->finish();
    // Safe to release: as in put.
    const released_gil unlocked;
    return {returned, intake.copy_instead(python_frame.layout(), pts_ns, deadline, look_for_signals)};
  }
  const FrameLayout layout = python_frame.layout();
  auto lent = std::make_unique<LentArray>(python_frame);
  const std::shared_ptr<LoanState> state = lent->state();
  // A frame that was dropped or refused is the caller's again at once.
  const DrainAtEnd drain_at_end;
  // Safe to release: the loan holds the array, and gives it back only through the release queue.
  const released_gil unlocked;
  return {state, intake.lend(layout, std::move(lent), pts_ns, deadline, look_for_signals)};
}

std::unique_ptr<PythonSlot> acquire(const std::shared_ptr<Lane>& lane) {
  enter();
  return std::make_unique<PythonSlot>(lane);
}

bool stop(Lane& lane, double timeout_s) {
  enter();
  const Deadline deadline = Deadline::in_seconds(timeout_s);
  bool finalised = false;
  {
    // Safe to release: stopping joins threads, and none of them knows Python.
    const released_gil unlocked;
    finalised = lane.stop(deadline, look_for_signals);
  }
  ReleaseQueue::instance().drain();
  return finalised;
}

// The steps that were measured, since the start or of late.
py::dict steps_of(const FrameLatencyReport& latency, std::optional<LatencySummary> LatencyReport::*span) {
  py::dict steps;
  steps["pushed"] = values_of(latency.pushed.*span);
  steps["encoded"] = values_of(latency.encoded.*span);
  steps["sent"] = values_of(latency.sent.*span);
  return steps;
}

py::dict stats(const Lane& lane) {
  ReleaseQueue::instance().drain();
  const LaneStats stats = lane.stats();
  const FrameCounters& frames = stats.intake.frames;
  py::dict dropped;
  for (std::size_t reason = 0; reason < kDropReasons; ++reason) {
    dropped[drop_reason_name(static_cast<DropReason>(reason))] = frames.frames_dropped[reason];
  }
  py::dict counters;
  counters["frames_in"] = frames.frames_in;
  counters["frames_encoded"] = frames.frames_encoded;
  counters["frames_dropped"] = dropped;
  counters["frames_in_flight"] = frames.frames_in_flight;
  counters["copied_frames"] = stats.intake.copied_frames;
  counters["nudged_times"] = stats.intake.nudged_times;
  counters["level_buffers"] = frames.level_buffers;
  counters["queue_age_ms"] = static_cast<double>(frames.queue_age_ns) / 1e6;
  counters["latency"] = steps_of(frames.latency, &LatencyReport::since_start);
  counters["recent_latency"] = steps_of(frames.latency, &LatencyReport::recent);
  counters["unmatched_units"] = frames.latency.unmatched_units;
  counters["key_units"] = stats.key_units;
  counters["bytes_encoded"] = stats.bytes_encoded;
  return counters;
}

bool force_keyframe(Lane& lane) {
  enter();
  // Safe to release: the event goes to elements, and these may hold locks while they encode.
  const released_gil unlocked;
  return lane.force_keyframe();
}

std::vector<LiveElement> encoders(const Lane& lane) {
  enter();
  // Safe to release: as for force_keyframe.
  const released_gil unlocked;
  return lane.encoders();
}

std::optional<py::dict> next_event(Lane& lane, double timeout_s) {
  std::optional<Event> event;
  {
    // Safe to release: the queue holds plain values; posting threads must not wait for Python.
    const released_gil unlocked;
    event = lane.events().pop(std::chrono::ceil<std::chrono::milliseconds>(Deadline::in_seconds(timeout_s).left()));
  }
  if (!event) return std::nullopt;
  py::dict fields;
  fields["kind"] = event->kind;
  fields["output"] = text_of(event->output);
  fields["message"] = text_of(event->message);
  fields["count"] = event->count;
  fields["error"] = event->error ? py::object(as_dict(*event->error)) : py::object(py::none());
  return fields;
}

void start_encoder(Broadcast& lane, int width, int height, ChainSpec chain, const std::string& encoder_format, const std::string& matrix,
                   const std::string& range, std::int64_t keyframe_ns) {
  enter();
  const EncoderSettings encoder{std::move(chain), format_from_name(encoder_format), colorimetry_from(matrix, range), keyframe_ns};
  // Safe to release: elements are made and started; none of them knows Python.
  const released_gil unlocked;
  lane.start({width, height}, encoder);
}

void start_raw(Broadcast& lane, int width, int height, const std::string& matrix, const std::string& range) {
  enter();
  const Colorimetry colours = colorimetry_from(matrix, range);
  // Safe to release: as for the encoder.
  const released_gil unlocked;
  lane.start_raw({width, height}, colours);
}

void add_encoder(Broadcast& lane, ChainSpec chain, const std::string& encoder_format, const std::string& matrix,
                 const std::string& range, std::int64_t keyframe_ns) {
  enter();
  const EncoderSettings encoder{std::move(chain), format_from_name(encoder_format), colorimetry_from(matrix, range), keyframe_ns};
  // Safe to release: as for the encoder that is there from the start.
  const released_gil unlocked;
  lane.add_encoder(encoder);
}

std::shared_ptr<Output> add_output(Broadcast& lane, const Recipe& recipe) {
  enter();
  // Safe to release: opening a file may take its time, and touches no Python object.
  const released_gil unlocked;
  return lane.add_output(recipe);
}

std::shared_ptr<Output> add_ring(Broadcast& lane, const py::str& name, std::int64_t least_ns, std::size_t max_bytes) {
  enter();
  RingOutput::Settings settings{bytes_of(name), least_ns, max_bytes};
  // Safe to release: asks the encoder for a key unit, which may hold locks while it encodes.
  const released_gil unlocked;
  return lane.add_ring(std::move(settings));
}

std::shared_ptr<Output> save(Broadcast& lane, const std::shared_ptr<Output>& ring, const Recipe& recipe) {
  enter();
  // Safe to release: as in add_output.
  const released_gil unlocked;
  return lane.save(ring, recipe);
}

std::shared_ptr<CallbackOutput> add_callback(Broadcast& lane, const py::str& name, bool waits, std::size_t max_units, std::size_t max_bytes) {
  enter();
  CallbackOutput::Settings settings{bytes_of(name), {max_units, max_bytes}, waits, {}};
  // Safe to release: as in add_ring; the core knows nothing of the function that will take the units.
  const released_gil unlocked;
  return lane.add_callback(std::move(settings));
}

std::shared_ptr<Output> add_raw_output(Broadcast& lane, const Recipe& recipe) {
  enter();
  // Safe to release: opening a window may take its time, and touches no Python object.
  const released_gil unlocked;
  return lane.add_raw_output(recipe);
}

std::shared_ptr<Output> add_mount(Broadcast& lane, const std::shared_ptr<RtspServer>& server, std::string name, std::string path,
                                  ChainSpec chain, bool on_demand, std::size_t max_units, std::size_t max_bytes) {
  enter();
  RtspMountSettings mount{std::move(name), std::move(path), std::move(chain), on_demand, {max_units, max_bytes}};
  // Safe to release: elements are made once to see that they are there; none of them knows Python.
  const released_gil unlocked;
  return lane.add_output([&](const OutputContext& context) { return server->add_mount(std::move(mount), context); });
}

bool remove_output(Broadcast& lane, const std::shared_ptr<Output>& output, double timeout_s) {
  enter();
  // Safe to release: as in stop.
  const released_gil unlocked;
  return lane.remove_output(output, Deadline::in_seconds(timeout_s), look_for_signals);
}

}  // namespace

void bind_lane(py::module_& module) {
  py::class_<LoanState, std::shared_ptr<LoanState>>(module, "Tracker")
      .def_property_readonly("done",
                             [](const LoanState& loan) {
                               ReleaseQueue::instance().drain();
                               return loan.done();
                             })
      .def(
          "wait",
          [](const LoanState& loan, std::optional<double> timeout_s) {
            bool came = false;
            {
              // Safe to release: the loan's state is plain; the streaming thread that ends it needs no GIL.
              const released_gil unlocked;
              came = loan.wait(Deadline::in_seconds(timeout_s.value_or(10.0)), look_for_signals);
            }
            ReleaseQueue::instance().drain();
            return came;
          },
          py::arg("timeout_s") = py::none());

  py::class_<PythonSlot>(module, "Slot")
      .def_property_readonly("array", &PythonSlot::array)
      .def("commit", &PythonSlot::commit, py::arg("pts_ns") = py::none(), py::arg("timeout_s") = 10.0)
      .def("discard", &PythonSlot::discard);

  py::class_<Lane, std::shared_ptr<Lane>>(module, "Lane")
      .def("put", &put, py::arg("frame"), py::arg("pts_ns") = py::none(), py::arg("timeout_s") = 10.0)
      .def("lend", &lend, py::arg("frame"), py::arg("pts_ns") = py::none(), py::arg("timeout_s") = 10.0)
      .def("acquire", &acquire)
      .def("stop", &stop, py::arg("timeout_s") = 10.0)
      .def_property_readonly("failed", [](const Lane& lane) { return lane.failure().happened(); })
      .def_property_readonly("error",
                             [](const Lane& lane) -> std::optional<py::dict> {
                               const auto error = lane.failure().error();
                               if (!error) return std::nullopt;
                               return as_dict(*error);
                             })
      .def("stats", &stats)
      .def("next_event", &next_event, py::arg("timeout_s"))
      .def_property_readonly("events_closed", [](Lane& lane) { return lane.events().closed(); })
      .def("force_keyframe", &force_keyframe)
      .def("encoders", &encoders);

  py::class_<Broadcast, Lane, std::shared_ptr<Broadcast>>(module, "EncodeLane")
      .def(py::init([](const std::string& format, const std::string& clock, const Fps& fps, const std::string& leaky, unsigned max_buffers) {
             enter();
             return std::shared_ptr<Broadcast>(new Broadcast(settings_from(format, clock, fps, leaky, max_buffers)),
                                               &dispose_without_gil);
           }),
           py::kw_only(), py::arg("format"), py::arg("clock"), py::arg("fps"), py::arg("leaky"), py::arg("max_buffers"))
      .def("add_output", &add_output, py::arg("recipe"))
      .def("add_ring", &add_ring, py::kw_only(), py::arg("name"), py::arg("least_ns"), py::arg("max_bytes"))
      .def("save", &save, py::arg("ring"), py::arg("recipe"))
      .def("add_callback", &add_callback, py::kw_only(), py::arg("name"), py::arg("waits"), py::arg("max_units"), py::arg("max_bytes"))
      .def("add_raw_output", &add_raw_output, py::arg("recipe"))
      .def("add_mount", &add_mount, py::arg("server"), py::kw_only(), py::arg("name"), py::arg("path"), py::arg("chain"),
           py::arg("on_demand") = false, py::arg("max_units") = 0, py::arg("max_bytes") = 0)
      .def("remove_output", &remove_output, py::arg("output"), py::arg("timeout_s") = 10.0)
      .def("start", &start_encoder, py::kw_only(), py::arg("width"), py::arg("height"), py::arg("chain"), py::arg("encoder_format"),
           py::arg("matrix"), py::arg("range"), py::arg("keyframe_ns"))
      .def("start_raw", &start_raw, py::kw_only(), py::arg("width"), py::arg("height"), py::arg("matrix"), py::arg("range"))
      .def("add_encoder", &add_encoder, py::kw_only(), py::arg("chain"), py::arg("encoder_format"), py::arg("matrix"),
           py::arg("range"), py::arg("keyframe_ns"));

  py::class_<DescriptionLane, Lane, std::shared_ptr<DescriptionLane>>(module, "DescriptionLane")
      .def(py::init([](const std::string& description, const std::string& format, const std::string& clock,
                       const Fps& fps, const std::string& leaky, unsigned max_buffers) {
             enter();
             return std::shared_ptr<DescriptionLane>(
                 new DescriptionLane(description, settings_from(format, clock, fps, leaky, max_buffers)),
                 &dispose_without_gil);
           }),
           py::arg("description"), py::kw_only(), py::arg("format"), py::arg("clock"), py::arg("fps"), py::arg("leaky"),
           py::arg("max_buffers"))
      .def(
          "start",
          [](DescriptionLane& lane, int width, int height,
             const std::optional<std::pair<std::string, std::string>>& colours) {
            enter();
            std::optional<Colorimetry> colorimetry;
            if (colours) colorimetry = colorimetry_from(colours->first, colours->second);
            // Safe to release: as for the encoder.
            const released_gil unlocked;
            lane.start({width, height}, colorimetry);
          },
          py::kw_only(), py::arg("width"), py::arg("height"), py::arg("colours") = py::none());
}

}  // namespace skyline::bindings
