#include "lane/encoder_wish.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lane/raw_caps.h"

namespace skyline {
namespace {

std::string factory_of(GstElement* element) {
  GstElementFactory* factory = gst_element_get_factory(element);
  return factory != nullptr ? GST_OBJECT_NAME(factory) : "";
}

struct Consumer {
  PadPtr before;               // the pad whose peer consumes
  bool has_converter = false;  // on the way there
};

// Behind the elements that pass raw frames on, or convert them.
Consumer find_consumer(GstElement* appsrc) {
  static const std::set<std::string> converters = {"videoconvert", "videoconvertscale", "skyconvert"};
  static const std::set<std::string> passers = {"queue", "identity"};
  Consumer consumer{PadPtr::adopt(gst_element_get_static_pad(appsrc, "src"))};
  while (true) {
    const PadPtr peer = PadPtr::adopt(gst_pad_get_peer(consumer.before.get()));
    const ElementPtr element = ElementPtr::adopt(peer ? gst_pad_get_parent_element(peer.get()) : nullptr);
    if (!element) return consumer;
    const std::string name = factory_of(element.get());
    const bool converts = converters.count(name) != 0;
    if (!converts && passers.count(name) == 0) return consumer;
    PadPtr next = PadPtr::adopt(gst_element_get_static_pad(element.get(), "src"));
    if (!next) return consumer;
    consumer.before = std::move(next);
    consumer.has_converter = consumer.has_converter || converts;
  }
}

bool accepts(GstCaps* accepted, const CapsPtr& offered) { return gst_caps_can_intersect(accepted, offered.get()) != 0; }

bool accepts_rgb(GstCaps* accepted) {
  const CapsPtr rgb = CapsPtr::adopt(gst_caps_from_string(
      "video/x-raw,format=(string){RGB,BGR,RGBx,BGRx,xRGB,xBGR,RGBA,BGRA,ARGB,ABGR,GBR,RGB16,BGR16,RGB15,BGR15}"));
  return accepts(accepted, rgb);
}

bool accepts_itself(GstCaps* accepted, Format given) {
  return accepts(accepted, CapsPtr::adopt(gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, format_name(given), nullptr)));
}

bool has_alpha_channel(Format format) {
  return GST_VIDEO_FORMAT_INFO_HAS_ALPHA(gst_video_format_get_info(to_gst(format))) != 0;
}

std::optional<LaneFormat> packed_wish(GstCaps* accepted, Format given, FrameSize size) {
  std::optional<LaneFormat> wish;
  for (int index = 0; index < kFormatCount; ++index) {
    const auto format = static_cast<Format>(index);
    const bool is_colour_kernel = channel_count(format) >= 3 && can_convert(given, format);
    if (!is_colour_kernel || !accepts(accepted, raw_caps_any_rate(format, size.width, size.height, std::nullopt))) continue;
    const bool is_better = !wish || (has_alpha_channel(given) && has_alpha_channel(format) && !has_alpha_channel(wish->format));
    if (is_better) wish = LaneFormat{format, size.width, size.height, std::nullopt};
  }
  return wish;
}

std::optional<LaneFormat> wish_for_420(GstCaps* accepted, Format given, FrameSize size) {
  const Colorimetry usual = default_colorimetry(size.height);
  std::vector<Colorimetry> colours = {usual};
  // Frames that are YUV already keep their colours in put.
  if (!is_planar(given)) colours.push_back({usual.matrix == Matrix::bt601 ? Matrix::bt709 : Matrix::bt601, Range::limited});
  for (const FrameSize& wish : {FrameSize{even(size.width), even(size.height)}, size}) {
    for (const Format format : {Format::I420, Format::NV12}) {
      for (const Colorimetry& colorimetry : colours) {
        const CapsPtr offered = raw_caps_any_rate(format, wish.width, wish.height, colorimetry);
        if (accepts(accepted, offered)) return LaneFormat{format, wish.width, wish.height, colorimetry};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

EncoderWish encoder_wish(GstElement* appsrc, Format given, FrameSize size) {
  const Consumer consumer = find_consumer(appsrc);
  const CapsPtr accepted = CapsPtr::adopt(gst_pad_peer_query_caps(consumer.before.get(), nullptr));
  if (!accepted || gst_caps_is_any(accepted.get()) != 0) return {};
  const bool takes_rgb = accepts_rgb(accepted.get());
  const bool takes_given = accepts_itself(accepted.get(), given);
  // H.264 of gray alone is what few players know, so that 4:2:0 comes first.
  if (takes_given && (takes_rgb || given != Format::GRAY8)) return {};
  if (takes_rgb && consumer.has_converter) return {};
  if (takes_rgb) {
    if (const auto lane = packed_wish(accepted.get(), given, size)) return {lane, true};
  }
  if (const auto lane = wish_for_420(accepted.get(), given, size)) return {lane, true};
  const bool takes_frames = accepts(accepted.get(), CapsPtr::adopt(gst_caps_new_empty_simple("video/x-raw")));
  return {std::nullopt, takes_frames && !takes_given && !consumer.has_converter};
}

}  // namespace skyline
