// Lanes as Python sets them up, small ones.
#pragma once

#include <memory>
#include <string>

#include "frames.h"
#include "lane/description_lane.h"
#include "output/broadcast.h"

inline skyline::IntakeSettings offline(skyline::Leaky leaky = skyline::Leaky::none, unsigned max_buffers = 4) {
  skyline::IntakeSettings settings;
  settings.clock = skyline::ClockMode::fixed;
  settings.framerate = {30, 1};
  settings.leaky = leaky;
  settings.max_buffers = max_buffers;
  return settings;
}

inline skyline::EncoderSettings x264() {
  skyline::EncoderSettings encoder;
  encoder.chain = {
      {"x264enc",
       {{"tune", std::string("zerolatency")}, {"speed-preset", std::string("ultrafast")}, {"threads", std::int64_t{1}}},
       {},
       ""},
      {"h264parse", {{"config-interval", std::int64_t{-1}}}, {}, ""},
      {"capsfilter", {{"caps", std::string("video/x-h264,stream-format=byte-stream,alignment=au")}}, {}, ""}};
  encoder.keyframe_ns = 2'000'000'000;
  return encoder;
}

inline std::uint64_t sum(const skyline::FrameCounters& counters) {
  std::uint64_t total = counters.frames_encoded + counters.frames_in_flight;
  for (const auto count : counters.frames_dropped) total += count;
  return total;
}

inline bool stop(skyline::Lane& lane, double timeout_s = 20) {
  return lane.stop(skyline::Deadline::in_seconds(timeout_s), {});
}

template <typename Call>
double seconds_of(Call call) {
  const auto begin = skyline::SteadyClock::now();
  call();
  return std::chrono::duration<double>(skyline::SteadyClock::now() - begin).count();
}

// A broadcast that takes frames of this size.
inline std::shared_ptr<skyline::Broadcast> broadcast(skyline::IntakeSettings settings = offline()) {
  return skyline::make_lane<skyline::Broadcast>(settings);
}

inline std::shared_ptr<skyline::DescriptionLane> described_lane(const std::string& text,
                                                                skyline::IntakeSettings settings = offline()) {
  return skyline::make_lane<skyline::DescriptionLane>(text, settings);
}
