#include "lane/encoder_wish.h"

#include <array>
#include <cstring>
#include <set>
#include <string>

#include "lane/raw_caps.h"

namespace skyline {
namespace {

// Elements that pass any raw format on, so that the real wish stands behind them.
bool is_transparent(GstElement* element) {
  static const std::set<std::string> names = {"queue", "identity", "videoconvert", "videoconvertscale", "skyconvert"};
  GstElementFactory* factory = gst_element_get_factory(element);
  return factory != nullptr && names.count(GST_OBJECT_NAME(factory)) != 0;
}

// The pad whose peer consumes: the appsrc's, or that of the last transparent element behind it.
PadPtr last_transparent_pad(GstElement* appsrc) {
  PadPtr pad = PadPtr::adopt(gst_element_get_static_pad(appsrc, "src"));
  while (true) {
    const PadPtr peer = PadPtr::adopt(gst_pad_get_peer(pad.get()));
    if (!peer) return pad;
    const ElementPtr element = ElementPtr::adopt(gst_pad_get_parent_element(peer.get()));
    if (!element || !is_transparent(element.get())) return pad;
    PadPtr next = PadPtr::adopt(gst_element_get_static_pad(element.get(), "src"));
    if (!next) return pad;
    pad = std::move(next);
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

}  // namespace

std::optional<LaneFormat> encoder_wish(GstElement* appsrc, Format given, FrameSize size) {
  if (is_planar(given)) return std::nullopt;
  const PadPtr pad = last_transparent_pad(appsrc);
  const CapsPtr accepted = CapsPtr::adopt(gst_pad_peer_query_caps(pad.get(), nullptr));
  if (!accepted || gst_caps_is_any(accepted.get()) != 0 || accepts_rgb(accepted.get())) return std::nullopt;
  if (given == Format::GRAY16_LE && accepts_itself(accepted.get(), given)) return std::nullopt;

  const std::array<FrameSize, 2> sizes = {FrameSize{even(size.width), even(size.height)}, size};
  const Colorimetry usual = default_colorimetry(size.height);
  const Colorimetry other{usual.matrix == Matrix::bt601 ? Matrix::bt709 : Matrix::bt601, Range::limited};
  for (const FrameSize& wish : sizes) {
    for (const Format format : {Format::I420, Format::NV12}) {
      for (const Colorimetry colorimetry : {usual, other}) {
        const CapsPtr offered = raw_caps_any_rate(format, wish.width, wish.height, colorimetry);
        if (accepts(accepted.get(), offered)) return LaneFormat{format, wish.width, wish.height, colorimetry};
      }
    }
  }
  return std::nullopt;
}

}  // namespace skyline
