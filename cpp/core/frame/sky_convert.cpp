#include "frame/sky_convert.h"

#include <gst/video/gstvideofilter.h>

#include <cstring>
#include <exception>
#include <mutex>

#include "frame/sky_convert_caps.h"

namespace skyline {
namespace {

GST_DEBUG_CATEGORY_STATIC(sky_convert_debug);
#define GST_CAT_DEFAULT sky_convert_debug

struct SkyConvert {
  GstVideoFilter parent;
};
struct SkyConvertClass {
  GstVideoFilterClass parent;
};

G_DEFINE_TYPE(SkyConvert, sky_convert, GST_TYPE_VIDEO_FILTER)

GstCaps* transform_caps(GstBaseTransform*, GstPadDirection direction, GstCaps* caps, GstCaps* filter) {
  return sky_convert_transform_caps(direction, caps, filter).release();
}

// candidates: transfer full, as GstBaseTransform has it.
GstCaps* fixate_caps(GstBaseTransform* transform, GstPadDirection direction, GstCaps* caps, GstCaps* candidates) {
  const CapsPtr owned = CapsPtr::adopt(candidates);
  try {
    return sky_convert_fixate_caps(direction, caps, candidates).release();
  } catch (const std::exception& error) {
    GST_ERROR_OBJECT(transform, "cannot choose caps: %s", error.what());
    return gst_caps_new_empty();
  }
}

gboolean set_info(GstVideoFilter* filter, GstCaps*, GstVideoInfo* in, GstCaps*, GstVideoInfo* out) {
  const bool same =
      GST_VIDEO_INFO_FORMAT(in) == GST_VIDEO_INFO_FORMAT(out) && in->width == out->width && in->height == out->height;
  gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(filter), same);
  return TRUE;
}

MutableFrameView view_of(GstVideoFrame* frame) {
  MutableFrameView view;
  view.format = format_from_name(gst_video_format_to_string(GST_VIDEO_FRAME_FORMAT(frame)));
  view.width = GST_VIDEO_FRAME_WIDTH(frame);
  view.height = GST_VIDEO_FRAME_HEIGHT(frame);
  for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(frame); ++plane) {
    view.plane[plane] = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(frame, plane));
    view.stride[plane] = GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane);
  }
  return view;
}

// What lies behind each row's pixels is no picture, but a sink may write it out: not somebody's old heap.
void clear_behind_rows(const MutableFrameView& view) {
  for (int plane = 0; plane < plane_count(view.format); ++plane) {
    const auto index = static_cast<std::size_t>(plane);
    const std::size_t row_bytes = plane_row_bytes(view.format, plane, view.width);
    const auto gap = static_cast<std::size_t>(view.stride[index]) - row_bytes;
    if (gap == 0) continue;
    for (int y = 0; y < plane_rows(view.format, plane, view.height); ++y) {
      std::memset(view.plane[index] + y * view.stride[index] + row_bytes, 0, gap);
    }
  }
}

GstFlowReturn transform_frame(GstVideoFilter* filter, GstVideoFrame* in, GstVideoFrame* out) {
  try {
    clear_behind_rows(view_of(out));
    convert_frame(view_of(in).as_const(), view_of(out), colorimetry_of(out->info));
    return GST_FLOW_OK;
  } catch (const std::exception& error) {
    GST_ELEMENT_ERROR(filter, STREAM, FORMAT, (nullptr), ("%s", error.what()));
    return GST_FLOW_ERROR;
  }
}

// A mapped frame, unmapped at the end. Maps without taking a reference to the buffer, which
// outlives the call: with one more reference it would no longer be writable.
class MappedFrame {
 public:
  MappedFrame(GstVideoInfo& info, GstBuffer* buffer, GstMapFlags access)
      : mapped_(gst_video_frame_map(
                    &frame_, &info, buffer,
                    static_cast<GstMapFlags>(static_cast<int>(access) | GST_VIDEO_FRAME_MAP_FLAG_NO_REF)) != FALSE) {}
  ~MappedFrame() {
    if (mapped_) gst_video_frame_unmap(&frame_);
  }
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;
  explicit operator bool() const { return mapped_; }
  GstVideoFrame* get() { return &frame_; }

 private:
  GstVideoFrame frame_{};
  bool mapped_;
};

// In place of the base class's: there, a buffer that does not hold a whole frame is a warning and
// the output goes on uninitialised.
GstFlowReturn transform(GstBaseTransform* base, GstBuffer* in_buffer, GstBuffer* out_buffer) {
  GstVideoFilter* filter = GST_VIDEO_FILTER(base);
  if (!filter->negotiated) return GST_FLOW_NOT_NEGOTIATED;
  MappedFrame in(filter->in_info, in_buffer, GST_MAP_READ);
  MappedFrame out(filter->out_info, out_buffer, GST_MAP_WRITE);
  if (!in || !out) {
    GST_ELEMENT_ERROR(filter, STREAM, FORMAT, (nullptr),
                      ("%s buffer has %" G_GSIZE_FORMAT " bytes, which is not one frame of the caps",
                       in ? "output" : "input", gst_buffer_get_size(in ? out_buffer : in_buffer)));
    return GST_FLOW_ERROR;
  }
  return transform_frame(filter, in.get(), out.get());
}

void add_pad(GstElementClass* element, const char* name, GstPadDirection direction) {
  const CapsPtr caps = sky_convert_caps();
  gst_element_class_add_pad_template(element, gst_pad_template_new(name, direction, GST_PAD_ALWAYS, caps.get()));
}

void sky_convert_class_init(SkyConvertClass* type) {
  GST_DEBUG_CATEGORY_INIT(sky_convert_debug, "skyconvert", 0, "Skyline's frame converter");
  GstElementClass* element = GST_ELEMENT_CLASS(type);
  gst_element_class_set_static_metadata(element, "Skyline frame converter", "Filter/Converter/Video",
                                        "Converts colour and gray frames to 4:2:0 YUV in one pass", "Skyline");
  add_pad(element, "sink", GST_PAD_SINK);
  add_pad(element, "src", GST_PAD_SRC);
  GstBaseTransformClass* base = GST_BASE_TRANSFORM_CLASS(type);
  base->transform_caps = transform_caps;
  base->fixate_caps = fixate_caps;
  base->transform = transform;
  GstVideoFilterClass* filter = GST_VIDEO_FILTER_CLASS(type);
  filter->set_info = set_info;
  // Never reached through the base class, but it takes an element without one for an in-place one.
  filter->transform_frame = transform_frame;
}

void sky_convert_init(SkyConvert* self) {
  // The base class would drop frames that are late for the sink, and nobody would count them.
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
}

}  // namespace

void register_sky_convert() {
  static std::once_flag once;
  std::call_once(once, [] { gst_element_register(nullptr, "skyconvert", GST_RANK_NONE, sky_convert_get_type()); });
}

}  // namespace skyline
