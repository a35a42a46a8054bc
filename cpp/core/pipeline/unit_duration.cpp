#include "pipeline/unit_duration.h"

#include <algorithm>
#include <utility>

namespace skyline {
namespace {

constexpr GstClockTime kNothing_ns = 1'000;
constexpr GstClockTime kAlone_ns = GST_SECOND / 30;
constexpr GstClockTime kShortest_ns = GST_MSECOND;
constexpr GstClockTime kLongest_ns = 100 * GST_MSECOND;  // after a pause

struct LastUnit {
  GstClockTime dts_ns = GST_CLOCK_TIME_NONE;
};

GstPadProbeReturn give_duration(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer data) {
  auto* last = static_cast<LastUnit*>(data);
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  const GstClockTime dts_ns = GST_BUFFER_DTS_OR_PTS(buffer);
  const GstClockTime before_ns = std::exchange(last->dts_ns, dts_ns);
  if (GST_BUFFER_DURATION_IS_VALID(buffer) && GST_BUFFER_DURATION(buffer) > kNothing_ns) return GST_PAD_PROBE_OK;
  const bool has_one_before = GST_CLOCK_TIME_IS_VALID(before_ns) && GST_CLOCK_TIME_IS_VALID(dts_ns) && dts_ns > before_ns;
  buffer = gst_buffer_make_writable(buffer);
  GST_BUFFER_DURATION(buffer) = has_one_before ? std::clamp(dts_ns - before_ns, kShortest_ns, kLongest_ns) : kAlone_ns;
  info->data = buffer;
  return GST_PAD_PROBE_OK;
}

}  // namespace

void give_durations(GstPad* pad) {
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, &give_duration, new LastUnit,
                    [](gpointer data) { delete static_cast<LastUnit*>(data); });
}

}  // namespace skyline
