#include "frame/sky_convert.h"

#include <gst/video/gstvideofilter.h>

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>

#include "frame/sky_convert_caps.h"
#include "frame/sky_convert_pool.h"
#include "frame/sky_convert_work.h"
#include "gst/thread_sanitizer.h"

namespace skyline {
namespace {

GST_DEBUG_CATEGORY_STATIC(sky_convert_debug);
#define GST_CAT_DEFAULT sky_convert_debug

enum Property : guint { kNone, kPath, kThreads };

constexpr unsigned kTouchedBuffers = 2;  // one being written, one being read

struct State {
  std::unique_ptr<ConvertWork> work;  // streaming thread only
  std::atomic<ConvertPath> path{ConvertPath::refused};
  std::atomic<unsigned> threads{1};
};

struct SkyConvert {
  GstVideoFilter parent;
  State* state;  // GObject's memory has no constructor: made in init, deleted in finalize
};
struct SkyConvertClass {
  GstVideoFilterClass parent;
};

G_DEFINE_TYPE(SkyConvert, sky_convert, GST_TYPE_VIDEO_FILTER)

State& state_of(gpointer element) { return *reinterpret_cast<SkyConvert*>(element)->state; }

GstBaseTransformClass* parent_transform() { return GST_BASE_TRANSFORM_CLASS(sky_convert_parent_class); }

GstCaps* transform_caps(GstBaseTransform*, GstPadDirection direction, GstCaps* caps, GstCaps* filter) {
  return sky_convert_transform_caps(direction, caps, filter).release();
}

// candidates: transfer full, as GstBaseTransform has it.
GstCaps* fixate_caps(GstBaseTransform*, GstPadDirection direction, GstCaps* caps, GstCaps* candidates) {
  const CapsPtr owned = CapsPtr::adopt(candidates);
  return sky_convert_fixate_caps(direction, caps, candidates).release();
}

void settle(GstBaseTransform* base, std::unique_ptr<ConvertWork> work, ConvertPath path) {
  State& state = state_of(base);
  state.work = std::move(work);
  state.path = path;
  SKYLINE_TSAN_RELEASE(base);  // finalize acquires it
  gst_base_transform_set_passthrough(base, path == ConvertPath::passthrough);
}

gboolean set_caps(GstBaseTransform* base, GstCaps* in, GstCaps* out) {
  if (is_readable(gst_caps_get_features(in, 0)) && is_readable(gst_caps_get_features(out, 0))) {
    return parent_transform()->set_caps(base, in, out);
  }
  if (gst_caps_is_equal(in, out) == FALSE) return FALSE;
  GST_INFO_OBJECT(base, "passthrough of memory that is not the system's: %" GST_PTR_FORMAT, static_cast<void*>(in));
  settle(base, nullptr, ConvertPath::passthrough);
  GST_VIDEO_FILTER(base)->negotiated = TRUE;
  return TRUE;
}

gboolean set_info(GstVideoFilter* filter, GstCaps* in_caps, GstVideoInfo*, GstCaps* out_caps, GstVideoInfo*) {
  const auto in = raw_video(in_caps), out = raw_video(out_caps);
  if (!in || !out) return FALSE;
  try {
    auto work = std::make_unique<ConvertWork>(*in, *out, state_of(filter).threads);
    const ConvertPath path = work->path();
    GST_INFO_OBJECT(filter, "%s from %" GST_PTR_FORMAT " to %" GST_PTR_FORMAT, path_name(path),
                    static_cast<void*>(in_caps), static_cast<void*>(out_caps));
    settle(GST_BASE_TRANSFORM(filter), std::move(work), path);
    return TRUE;
  } catch (const std::exception& error) {
    GST_ERROR_OBJECT(filter, "%s", error.what());
    return FALSE;
  }
}

// In place of the base class's: there, a buffer that does not hold a whole frame is a warning and
// the output goes on uninitialised.
GstFlowReturn transform(GstBaseTransform* base, GstBuffer* in, GstBuffer* out) {
  const State& state = state_of(base);
  if (!state.work) return GST_FLOW_NOT_NEGOTIATED;
  SKYLINE_TSAN_ACQUIRE(in);  // whoever pushed it released it
  try {
    state.work->convert(in, out);
    SKYLINE_TSAN_RELEASE(out);
    return GST_FLOW_OK;
  } catch (const std::exception& error) {
    GST_ELEMENT_ERROR(base, STREAM, FORMAT, (nullptr), ("%s", error.what()));
    return GST_FLOW_ERROR;
  }
}

// Never reached, but the base class takes an element without one for an in-place one.
GstFlowReturn transform_frame(GstVideoFilter*, GstVideoFrame*, GstVideoFrame*) { return GST_FLOW_NOT_SUPPORTED; }

// Without a pool every output would be fresh memory, whose page faults cost 7.8 conversions at 1080p. The base
// class would make one too, but its buffers are untouched: the first frames of a stream would be late.
gboolean decide_allocation(GstBaseTransform* base, GstQuery* query) {
  GstCaps* caps = nullptr;
  gst_query_parse_allocation(query, &caps, nullptr);
  GstBufferPool* offered = nullptr;
  if (gst_query_get_n_allocation_pools(query) > 0) {
    gst_query_parse_nth_allocation_pool(query, 0, &offered, nullptr, nullptr, nullptr);
  }
  const PoolPtr theirs = PoolPtr::adopt(offered);
  GstVideoInfo info;
  if (!theirs && caps != nullptr && gst_video_info_from_caps(&info, caps) != FALSE) {
    const PoolPtr ours = make_touched_pool();
    GstStructure* config = gst_buffer_pool_get_config(ours.get());
    gst_buffer_pool_config_set_params(config, caps, static_cast<guint>(info.size), kTouchedBuffers, 0);
    gst_buffer_pool_set_config(ours.get(), config);
    if (gst_query_get_n_allocation_pools(query) > 0) {
      gst_query_set_nth_allocation_pool(query, 0, ours.get(), static_cast<guint>(info.size), kTouchedBuffers, 0);
    } else {
      gst_query_add_allocation_pool(query, ours.get(), static_cast<guint>(info.size), kTouchedBuffers, 0);
    }
  }
  return parent_transform()->decide_allocation(base, query);
}

GstFlowReturn prepare_output_buffer(GstBaseTransform* base, GstBuffer* in, GstBuffer** out) {
  const GstFlowReturn flow = parent_transform()->prepare_output_buffer(base, in, out);
  if (flow == GST_FLOW_ERROR) {
    GST_ELEMENT_ERROR(base, RESOURCE, NO_SPACE_LEFT, ("There is no memory for a converted frame."),
                      ("of %" G_GSIZE_FORMAT " bytes", GST_VIDEO_FILTER(base)->out_info.size));
  }
  return flow;
}

// Upstream may send every meta that downstream reads, except those that describe memory or what part of it
// is the picture: a converted buffer has its own.
gboolean filter_meta(GstBaseTransform*, GstQuery*, GType api, const GstStructure*) {
  return api != GST_VIDEO_CROP_META_API_TYPE && api != GST_VIDEO_META_API_TYPE;
}

// A meta about the picture or its size stays true, because the picture keeps its size and place. One about the samples,
// or about memory, does not.
bool stays_true(GType api) {
  if (api == GST_VIDEO_CROP_META_API_TYPE || api == GST_VIDEO_META_API_TYPE) return false;
  const gchar* const* tags = gst_meta_api_type_get_tags(api);
  for (; tags != nullptr && *tags != nullptr; ++tags) {
    const bool is_kept = g_strcmp0(*tags, GST_META_TAG_VIDEO_STR) == 0 ||
                         g_strcmp0(*tags, GST_META_TAG_VIDEO_ORIENTATION_STR) == 0 ||
                         g_strcmp0(*tags, GST_META_TAG_VIDEO_SIZE_STR) == 0;
    if (!is_kept) return false;
  }
  return true;
}

gboolean transform_meta(GstBaseTransform*, GstBuffer*, GstMeta* meta, GstBuffer*) {
  return stays_true(meta->info->api) ? TRUE : FALSE;
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const State& state = state_of(object);
  switch (id) {
    case kPath:
      g_value_set_static_string(value, path_name(state.path));
      break;
    case kThreads:
      g_value_set_uint(value, state.threads);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (id == kThreads) {
    state_of(object).threads = g_value_get_uint(value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void finalize(GObject* object) {
  SKYLINE_TSAN_ACQUIRE(object);
  delete reinterpret_cast<SkyConvert*>(object)->state;
  G_OBJECT_CLASS(sky_convert_parent_class)->finalize(object);
}

void add_pad(GstElementClass* element, const char* name, GstPadDirection direction) {
  const CapsPtr caps = sky_convert_caps();
  gst_element_class_add_pad_template(element, gst_pad_template_new(name, direction, GST_PAD_ALWAYS, caps.get()));
}

void add_properties(GObjectClass* object) {
  object->get_property = get_property;
  object->set_property = set_property;
  g_object_class_install_property(
      object, kPath,
      g_param_spec_string("path", "Path",
                          "How frames go through: \"passthrough\", \"kernel\" (Skyline's own), \"videoconverter\" "
                          "(GStreamer's), or \"none\" before caps are agreed",
                          "none", static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
  g_object_class_install_property(
      object, kThreads,
      g_param_spec_uint(
          "n-threads", "Threads",
          "Threads of GStreamer's converter, 0 for one per core; from the next caps on. The kernels take one", 0,
          G_MAXINT, 1, static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
}

void sky_convert_class_init(SkyConvertClass* type) {
  GST_DEBUG_CATEGORY_INIT(sky_convert_debug, "skyconvert", 0, "Skyline's frame converter");
  GObjectClass* object = G_OBJECT_CLASS(type);
  object->finalize = finalize;
  add_properties(object);
  GstElementClass* element = GST_ELEMENT_CLASS(type);
  gst_element_class_set_static_metadata(element, "Skyline frame converter", "Filter/Converter/Video/Colorspace",
                                        "Converts raw video, colour to 4:2:0 YUV and back in one fast pass", "Skyline");
  add_pad(element, "sink", GST_PAD_SINK);
  add_pad(element, "src", GST_PAD_SRC);
  GstBaseTransformClass* base = GST_BASE_TRANSFORM_CLASS(type);
  base->transform_caps = transform_caps;
  base->fixate_caps = fixate_caps;
  base->set_caps = set_caps;
  base->transform = transform;
  base->decide_allocation = decide_allocation;
  base->prepare_output_buffer = prepare_output_buffer;
  base->filter_meta = filter_meta;
  base->transform_meta = transform_meta;
  base->transform_ip_on_passthrough = FALSE;
  GstVideoFilterClass* filter = GST_VIDEO_FILTER_CLASS(type);
  filter->set_info = set_info;
  filter->transform_frame = transform_frame;
}

void sky_convert_init(SkyConvert* self) {
  self->state = new State;
  // The base class would drop frames that are late for the sink, and nobody would count them.
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
}

}  // namespace

void register_sky_convert() {
  static std::once_flag once;
  std::call_once(once, [] { gst_element_register(nullptr, "skyconvert", GST_RANK_NONE, sky_convert_get_type()); });
}

}  // namespace skyline
