#include "output/rtsp_media_factory.h"

#include <utility>

namespace skyline {
namespace {

struct SkyMediaFactory {
  GstRTSPMediaFactory parent;
  std::weak_ptr<RtspMediaSource>* source;  // GObject's memory has no constructor: made in init, deleted in finalize
};
struct SkyMediaFactoryClass {
  GstRTSPMediaFactoryClass parent;
};

G_DEFINE_TYPE(SkyMediaFactory, sky_media_factory, GST_TYPE_RTSP_MEDIA_FACTORY)

std::shared_ptr<RtspMediaSource> source_of(GstRTSPMediaFactory* factory) {
  return reinterpret_cast<SkyMediaFactory*>(factory)->source->lock();
}

// The library's own key holds port and query: each "?x=1" would be a media more.
gchar* one_key(GstRTSPMediaFactory* /*factory*/, const GstRTSPUrl* /*url*/) { return g_strdup("media"); }

GstRTSPMedia* construct(GstRTSPMediaFactory* factory, const GstRTSPUrl* url) {
  const auto source = source_of(factory);
  // A media without a first unit would wait 20 s for one, and everybody with it.
  if (!source || !source->is_primed()) return nullptr;
  return GST_RTSP_MEDIA_FACTORY_CLASS(sky_media_factory_parent_class)->construct(factory, url);
}

GstElement* create_element(GstRTSPMediaFactory* factory, const GstRTSPUrl* /*url*/) {
  const auto source = source_of(factory);
  return source ? source->make_bin().release() : nullptr;
}

GstElement* create_pipeline(GstRTSPMediaFactory* factory, GstRTSPMedia* media) {
  GstElement* pipeline = GST_RTSP_MEDIA_FACTORY_CLASS(sky_media_factory_parent_class)->create_pipeline(factory, media);
  const auto source = source_of(factory);
  if (pipeline != nullptr && source) source->set_up(pipeline);
  return pipeline;
}

void configure(GstRTSPMediaFactory* factory, GstRTSPMedia* media) {
  // It hands on what the factory was told, "shared" among it.
  GST_RTSP_MEDIA_FACTORY_CLASS(sky_media_factory_parent_class)->configure(factory, media);
  if (const auto source = source_of(factory)) source->media_made(media);
}

void finalize(GObject* object) {
  delete reinterpret_cast<SkyMediaFactory*>(object)->source;
  G_OBJECT_CLASS(sky_media_factory_parent_class)->finalize(object);
}

void sky_media_factory_class_init(SkyMediaFactoryClass* klass) {
  G_OBJECT_CLASS(klass)->finalize = &finalize;
  klass->parent.gen_key = &one_key;
  klass->parent.construct = &construct;
  klass->parent.create_element = &create_element;
  klass->parent.create_pipeline = &create_pipeline;
  klass->parent.configure = &configure;
}

void sky_media_factory_init(SkyMediaFactory* factory) { factory->source = new std::weak_ptr<RtspMediaSource>(); }

}  // namespace

Owned<GstRTSPMediaFactory> make_rtsp_media_factory(std::weak_ptr<RtspMediaSource> source) {
  auto* factory = static_cast<SkyMediaFactory*>(g_object_new(sky_media_factory_get_type(), nullptr));
  *factory->source = std::move(source);
  gst_rtsp_media_factory_set_shared(&factory->parent, TRUE);
  return Owned<GstRTSPMediaFactory>::adopt(&factory->parent);
}

}  // namespace skyline
