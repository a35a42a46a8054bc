// An output made of pipelines: a port fed by the fan-out and, one after the other, the pipelines it feeds.
//
// States: connecting -> live -> finishing -> stopped, or failed. An output without parts has one
// pipeline for life. With parts, a successor adopts the port's queue at a key unit (hand_over.cpp) while
// the old pipeline takes its EOS; no unit is lost in between.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "output/hls_writer.h"
#include "output/output.h"
#include "output/part.h"
#include "output/port.h"
#include "output/recipe.h"

namespace skyline {

class PipelineOutput : public Output {
 public:
  static std::shared_ptr<PipelineOutput> create(Recipe recipe, const OutputContext& context);
  // Without finish() before it the pipelines are aborted, on the control thread.
  ~PipelineOutput() override;

  // Builds the first pipeline and opens its file, so that a wrong path speaks at once. Throws
  // PipelineError. Afterwards the caller adds it to the fan-out.
  void open();

  // Begins in the past, with units that a ring kept; before it is on the fan-out. The key unit to ask for then, if any.
  std::optional<std::int64_t> begin_with(const std::deque<Unit>& units) { return port_->begin_with(units).ask_key_unit; }

  void consume(const Unit& unit) override;   // streaming thread of the lane
  void end_of_units() override;              // after it the queue drains and EOS follows

  State state() const override;
  OutputStats stats() const override;

 protected:
  bool wait_settled(SteadyClock::time_point until) override;
  void begin_abort() override;
  void end_abort() override { advance(); }

 private:
  PipelineOutput(Recipe recipe, const OutputContext& context, std::unique_ptr<HlsWriter> hls);
  std::weak_ptr<PipelineOutput> weak_self() { return std::static_pointer_cast<PipelineOutput>(shared_from_this()); }

  // The control thread's whole work: does what is due and returns. Everything else only asks for it,
  // so it does not matter in which order EOS, failures, cuts and the end are noticed.
  void advance();
  void ask_advance();
  std::unique_ptr<Part> make_part();
  void retire_parts();
  void hand_over();
  bool prepare_part(std::int64_t start_ns);
  void note_part_begun();
  void abort_parts();
  void settle();
  void keep_playlist(const std::function<void(HlsWriter&)>& change);

  unsigned parts_begun() const;
  void fail(BusError error);
  void fail_changed_caps(const Port::PartStart& start);

  const Recipe recipe_;
  const std::shared_ptr<Port> port_;  // shared with the callbacks of the parts

  // The control thread's alone once open() has returned.
  std::vector<std::unique_ptr<Part>> parts_;  // fed, or on their way to EOS
  std::unique_ptr<Part> next_part_;           // opened, not fed yet
  const std::unique_ptr<HlsWriter> hls_;      // empty where there is no playlist
  std::optional<Deadline> abort_by_;          // set once the end was waited for in vain
  bool gave_up_ = false;                      // then: something was still on its way

  mutable std::mutex mutex_;
  std::condition_variable settled_changed_;
  State state_ = State::connecting;  // guarded by mutex_; a failure goes before it
  unsigned parts_begun_ = 0;          // guarded by mutex_
  bool opened_ = false;               // guarded by mutex_
  bool settled_ = true;               // guarded by mutex_: no pipeline is left
};

}  // namespace skyline
