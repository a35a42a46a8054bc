#include "lane/description_lane.h"

#include "lane/encoder_wish.h"
#include "lane/raw_caps.h"
#include "pipeline/element_spec.h"
#include "pipeline/screen.h"

namespace skyline {
namespace {

// The first appsrc of the text, whatever its name. A bin lists its newest child first.
ElementPtr find_appsrc(GstBin* bin) {
  ElementPtr found;
  GstIterator* elements = gst_bin_iterate_all_by_element_factory_name(bin, "appsrc");
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next(elements, &item) == GST_ITERATOR_OK) {
    found = ElementPtr::share(GST_ELEMENT(g_value_get_object(&item)));
    g_value_reset(&item);
  }
  g_value_unset(&item);
  gst_iterator_free(elements);
  return found;
}

// A sink keeps its last buffer for whoever asks, and here nobody can: a lent frame would come back only
// with the next one.
void keep_no_last_sample(GstBin* bin) {
  GstIterator* elements = gst_bin_iterate_recurse(bin);
  const auto let_go = [](const GValue* item, gpointer /*data*/) {
    GObject* element = G_OBJECT(g_value_get_object(item));
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), "enable-last-sample") != nullptr) {
      g_object_set(element, "enable-last-sample", FALSE, nullptr);
    }
  };
  while (gst_iterator_foreach(elements, let_go, nullptr) == GST_ITERATOR_RESYNC) gst_iterator_resync(elements);
  gst_iterator_free(elements);
}

// appsrc ! skyconvert ! what stood behind the appsrc; with caps between them where `lane` says which.
void convert_behind(GstElement* appsrc, const std::optional<LaneFormat>& lane) {
  const PadPtr source_pad = PadPtr::adopt(gst_element_get_static_pad(appsrc, "src"));
  const PadPtr peer = PadPtr::adopt(gst_pad_get_peer(source_pad.get()));
  if (!peer) return;  // an appsrc alone: GStreamer says so itself
  const ElementPtr parent = ElementPtr::adopt(GST_ELEMENT(gst_element_get_parent(appsrc)));
  ChainSpec chain = {{"skyconvert", {}, {}, "skyline-convert"}};
  if (lane) {
    const CapsPtr caps = raw_caps_any_rate(lane->format, lane->width, lane->height, lane->colorimetry);
    chain.push_back({"capsfilter", {{"caps", take_string(gst_caps_to_string(caps.get()))}}, {}, "skyline-caps"});
  }
  gst_pad_unlink(source_pad.get(), peer.get());
  const auto added = add_chain(GST_BIN(parent.get()), chain);
  gst_element_link(appsrc, added.front().get());
  const PadPtr last = PadPtr::adopt(gst_element_get_static_pad(added.back().get(), "src"));
  gst_pad_link(last.get(), peer.get());
}

}  // namespace

DescriptionLane::DescriptionLane(const std::string& launch_text, IntakeSettings settings) : Lane(settings) {
  pipeline_ = Pipeline::parse(launch_text, "", failure_, events_);
  pipeline_->follow_latency(control_);
  survive_lost_screen(pipeline_->element());
  survive_lost_screen_of(pipeline_->bin());
  show_pipeline();
  appsrc_ = find_appsrc(pipeline_->bin());
  keep_no_last_sample(pipeline_->bin());
  if (!appsrc_) throw SinkError("the description has no appsrc, which is where frames enter: begin it with \"appsrc ! \"");
}

void DescriptionLane::start(FrameSize given, std::optional<Colorimetry> colours) {
  refuse_without_screen_for(pipeline_->bin());
  const Format format = intake_.settings().format;
  const EncoderWish wish = encoder_wish(appsrc_.get(), format, given);
  LaneFormat lane = wish.lane.value_or(LaneFormat{format, given.width, given.height, std::nullopt});
  if (colours) lane.colorimetry = colours;
  if (!lane.colorimetry && is_planar(format)) lane.colorimetry = default_colorimetry(given.height);
  if (wish.needs_converter) convert_behind(appsrc_.get(), wish.lane ? std::optional(lane) : std::nullopt);
  intake_.open(given, lane);
  // What a description does with a frame is its own business: here it counts once it was handed over.
  adopt_source(appsrc_.get(), [this] { intake_.queue().note_encoded(); });
  sink_watch_.watch(pipeline_->bin(), [this](std::int64_t pts_ns) { intake_.queue().note_sent(pts_ns); });
  pipeline_->pause(time_);
  pipeline_->play();
}

bool DescriptionLane::finish(const Deadline& deadline, const Interrupt& interrupt) {
  if (intake_.size().width == 0) return true;  // never started: there is nothing to finalise
  return pipeline_->wait_eos(deadline, interrupt);
}

}  // namespace skyline
