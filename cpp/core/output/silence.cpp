#include "output/silence.h"

#include "gst/thread_sanitizer.h"
#include "report/errors.h"

namespace skyline {
namespace {

using Flag = std::shared_ptr<std::atomic<bool>>;

void add_probe(GstPad* pad, GstPadProbeType type, GstPadProbeCallback callback, const Flag& over) {
  auto* held = new Flag(over);
  SKYLINE_TSAN_RELEASE(held);
  gst_pad_add_probe(pad, type, callback, held, [](gpointer data) { delete static_cast<Flag*>(data); });
}

GstPadProbeReturn note_end(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer over) {
  SKYLINE_TSAN_ACQUIRE(over);
  if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS) (*static_cast<Flag*>(over))->store(true);
  return GST_PAD_PROBE_OK;
}

// The source hears EOS from downstream, stops by itself and sends the event on. An event sent to it from
// here would need the source's state lock, which whoever stops the pipeline may hold.
GstPadProbeReturn end_sound(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer over) {
  SKYLINE_TSAN_ACQUIRE(over);
  if (!(*static_cast<Flag*>(over))->load()) return GST_PAD_PROBE_OK;
  const BufferPtr dropped = BufferPtr::adopt(GST_PAD_PROBE_INFO_BUFFER(info));
  GST_PAD_PROBE_INFO_DATA(info) = nullptr;
  GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_EOS;
  return GST_PAD_PROBE_HANDLED;
}

}  // namespace

Silence::Silence(GstBin* bin, const ChainSpec& chain, GstPad* pictures) {
  const ElementPtr muxer = ElementPtr::adopt(gst_bin_get_by_name(bin, "mux"));
  if (!muxer) throw SinkError("silent sound needs a muxer named \"mux\" to go into");
  const auto elements = add_chain(bin, chain);
  if (gst_element_link(elements.back().get(), muxer.get()) == 0) {
    throw SinkError(chain.back().factory + " does not link to the muxer: it takes no sound of this kind");
  }
  source_ = elements.front();
  gst_element_set_locked_state(source_.get(), TRUE);
  const auto over = std::make_shared<std::atomic<bool>>(false);
  add_probe(pictures, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note_end, over);
  const PadPtr sound = PadPtr::adopt(gst_element_get_static_pad(source_.get(), "src"));
  add_probe(sound.get(), GST_PAD_PROBE_TYPE_BUFFER, end_sound, over);
}

void Silence::begin_at(std::int64_t running_ns) {
  set_property(source_.get(), "timestamp-offset", running_ns);
  gst_element_set_locked_state(source_.get(), FALSE);  // it comes along to PLAYING
}

}  // namespace skyline
