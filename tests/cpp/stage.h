// What an output stands on, for its tests: clock, fan-out, control thread, events.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gst/runtime.h"
#include "output/pipeline_output.h"

class Stage {
  struct Start {
    Start() { skyline::ensure_runtime(); }
  } start_;  // first: the time base asks GStreamer for its clock

 public:
  skyline::TimeBase time;
  skyline::FanOut fan_out;
  skyline::ControlThread control;
  std::shared_ptr<skyline::EventQueue> events = std::make_shared<skyline::EventQueue>();

  std::shared_ptr<skyline::PipelineOutput> make(const skyline::Recipe& recipe) {
    return skyline::PipelineOutput::create(recipe, {time, fan_out, control, events});
  }
  std::shared_ptr<skyline::PipelineOutput> add(const skyline::Recipe& recipe) {
    auto output = make(recipe);
    output->open();
    fan_out.add(output);
    return output;
  }
  // As the stream removes an output: off the fan-out, then to its end.
  bool remove(const std::shared_ptr<skyline::Output>& output, double timeout_s = 20) {
    fan_out.remove(output.get());
    return output->finish(skyline::Deadline::in_seconds(timeout_s), {});
  }
  std::vector<skyline::Event> all_events() {
    std::vector<skyline::Event> all;
    while (auto event = events->pop(std::chrono::milliseconds(0))) all.push_back(*std::move(event));
    return all;
  }
  std::string event_kinds() {
    std::string kinds;
    for (const auto& event : all_events()) kinds += (kinds.empty() ? "" : " ") + event.kind;
    return kinds;
  }
};

inline bool adds_up(const skyline::OutputStats& stats) {
  return stats.units_in == stats.units_sent + stats.units_dropped + stats.units_queued;
}

// What another thread will make true shortly.
inline bool soon(const std::function<bool()>& condition, int seconds = 10) {
  for (int n = 0; n < seconds * 500 && !condition(); ++n) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  return condition();
}
