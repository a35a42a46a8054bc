// Launch text with an appsrc of its own, run as one pipeline: no fan-out, the user's own elements.
#pragma once

#include <optional>
#include <string>

#include "lane/lane.h"
#include "pipeline/control_thread.h"
#include "pipeline/sink_watch.h"

namespace skyline {

class DescriptionLane : public Lane {
 public:
  // Parses. Throws PipelineError (domain "parse"), MissingElementError, SinkError (no appsrc).
  DescriptionLane(const std::string& launch_text, IntakeSettings settings);

  // Frames of this size come. Where what follows the appsrc encodes 4:2:0 and takes no RGB, frames are
  // converted to I420 or NV12 in put (or in a skyconvert set behind the appsrc), so that
  // "appsrc ! videoconvert ! x264enc" is fast and never High 4:4:4 by accident. Where it cannot take the frames and
  // the text has no converter, a skyconvert is set there too. The text's own elements stay. `colours` are those of
  // the YUV that frames are or become; by rule where not given.
  void start(FrameSize given, std::optional<Colorimetry> colours = {});

 protected:
  bool finish(const Deadline& deadline, const Interrupt& interrupt) override;

 private:
  ControlThread control_;
  ElementPtr appsrc_;
  SinkWatch sink_watch_;
};

}  // namespace skyline
