#include "lane/trial_encode.h"

#include "frame/buffer_pool.h"
#include "gst/runtime.h"
#include "lane/raw_caps.h"
#include "pipeline/app_source.h"
#include "pipeline/pipeline.h"

namespace skyline {
namespace {

constexpr Framerate kTrialRate{30, 1};

}  // namespace

void trial_encode(const ChainSpec& chain, Format format, int width, int height, const Deadline& deadline, const Interrupt& interrupt) {
  ensure_runtime();
  const auto failure = std::make_shared<Failure>();
  Pipeline pipeline("trial", chain_text(chain), failure, std::make_shared<EventQueue>());
  ChainSpec whole;
  whole.push_back({"appsrc", {}, {}, ""});
  whole.insert(whole.end(), chain.begin(), chain.end());
  whole.push_back({"appsink", {{"sync", false}, {"async", false}}, {}, ""});
  const auto elements = add_chain(pipeline.bin(), whole);
  AppSource source(elements.front().get(), false, {});
  const TimeBase time;
  pipeline.pause(time);
  pipeline.play();

  BufferPool pool(format, width, height, BufferPool::Rows::padded, 0);
  source.set_caps(raw_caps(format, width, height, kTrialRate, std::nullopt).get());
  for (std::uint64_t frame = 0; frame < 2; ++frame) {
    BufferPtr buffer = pool.acquire();
    gst_buffer_memset(buffer.get(), 0, 128, gst_buffer_get_size(buffer.get()));
    GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(kTrialRate.time_of(frame));
    GST_BUFFER_DURATION(buffer.get()) = static_cast<GstClockTime>(kTrialRate.time_of(1));
    source.push(std::move(buffer));
  }
  source.end_of_stream();

  bool came = false;
  while (!came) {
    const auto slice = std::min<std::chrono::nanoseconds>(deadline.left(), std::chrono::milliseconds(50));
    came = static_cast<bool>(
        SamplePtr::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(elements.back().get()), static_cast<GstClockTime>(slice.count()))));
    if (came) break;
    if (interrupt) interrupt();
    if (failure->happened() || deadline.passed() || gst_app_sink_is_eos(GST_APP_SINK(elements.back().get())) != 0) break;
  }
  pipeline.shut_down(Deadline(std::chrono::seconds(2)));
  if (came) return;
  failure->rethrow();
  throw PipelineError(bus_error(chain.empty() ? "encoder" : chain.front().factory, "library", GST_LIBRARY_ERROR_ENCODE,
                                "accepted two frames and gave no unit", chain_text(chain)));
}

}  // namespace skyline
