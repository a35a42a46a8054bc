#include "pipeline/live_element.h"

#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "pipeline/element_spec.h"
#include "report/errors.h"

namespace skyline {
namespace {

struct Wishes {
  std::mutex mutex;
  std::map<std::string, std::int64_t> values;  // guarded by mutex
  std::set<std::int64_t> key_times_ns;         // guarded by mutex: running times
  bool are_watched = false;                    // guarded by mutex: a probe stands at the pad
};

// Kept with the element, so that whoever wishes adds to the same ones.
Wishes& wishes_of(GstElement* element) {
  static const GQuark key = g_quark_from_static_string("skyline-wishes");
  static std::mutex creation;
  const std::lock_guard<std::mutex> lock(creation);
  auto* wishes = static_cast<Wishes*>(g_object_get_qdata(G_OBJECT(element), key));
  if (wishes == nullptr) {
    wishes = new Wishes;
    g_object_set_qdata_full(G_OBJECT(element), key, wishes, [](gpointer data) { delete static_cast<Wishes*>(data); });
  }
  return *wishes;
}

std::int64_t running_time(GstPad* pad, GstBuffer* buffer) {
  const EventPtr event = EventPtr::adopt(gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0));
  if (!event || buffer == nullptr) return -1;
  const GstSegment* segment = nullptr;
  gst_event_parse_segment(event.get(), &segment);
  const guint64 time = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  return time > static_cast<guint64>(G_MAXINT64) ? -1 : static_cast<std::int64_t>(time);
}

bool gave_a_unit(GstElement* element) {
  const PadPtr pad = PadPtr::adopt(gst_element_get_static_pad(element, "src"));
  return pad && EventPtr::adopt(gst_pad_get_sticky_event(pad.get(), GST_EVENT_SEGMENT, 0));
}

GstBuffer* first_buffer(GstPadProbeInfo* info) {
  if ((GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER) != 0) return GST_PAD_PROBE_INFO_BUFFER(info);
  GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
  return list != nullptr && gst_buffer_list_length(list) > 0 ? gst_buffer_list_get(list, 0) : nullptr;
}

// On a streaming thread, where nothing may be thrown: what could be was refused in change().
GstPadProbeReturn fulfil(GstPad* pad, GstPadProbeInfo* info, gpointer /*data*/) {
  const ElementPtr element = ElementPtr::adopt(gst_pad_get_parent_element(pad));
  if (!element) return GST_PAD_PROBE_REMOVE;
  const std::int64_t now_ns = gave_a_unit(element.get()) ? running_time(pad, first_buffer(info)) : -1;
  Wishes& wishes = wishes_of(element.get());
  std::map<std::string, std::int64_t> values;
  bool is_key_due = false, all_done = false;
  {
    const std::lock_guard<std::mutex> lock(wishes.mutex);
    values.swap(wishes.values);
    const auto later = wishes.key_times_ns.upper_bound(now_ns);
    is_key_due = later != wishes.key_times_ns.begin();
    wishes.key_times_ns.erase(wishes.key_times_ns.begin(), later);
    all_done = wishes.key_times_ns.empty();
    wishes.are_watched = !all_done;
  }
  for (const auto& [name, value] : values) set_property(element.get(), name, value);
  if (is_key_due) {
    gst_pad_send_event(pad, gst_video_event_new_downstream_force_key_unit(GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
                                                                          static_cast<GstClockTime>(now_ns), TRUE, 0));
  }
  return all_done ? GST_PAD_PROBE_REMOVE : GST_PAD_PROBE_OK;
}

// `add` puts the wish in, under the lock.
template <typename Add>
void wish(GstElement* element, GstPad* door, Add add) {
  Wishes& wishes = wishes_of(element);
  {
    const std::lock_guard<std::mutex> lock(wishes.mutex);
    add(wishes);
    if (std::exchange(wishes.are_watched, true)) return;
  }
  constexpr auto passing = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
  gst_pad_add_probe(door, passing, &fulfil, nullptr, nullptr);
}

void refuse_unless_number(GstElement* element, const std::string& name) {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str());
  const std::string subject = take_string(gst_element_get_name(element));
  if (spec == nullptr) throw SinkError(subject + " has no property \"" + name + "\"");
  const bool is_number = G_IS_PARAM_SPEC_INT(spec) || G_IS_PARAM_SPEC_UINT(spec) || G_IS_PARAM_SPEC_INT64(spec) ||
                         G_IS_PARAM_SPEC_UINT64(spec);
  if (!is_number || (spec->flags & G_PARAM_WRITABLE) == 0) {
    throw SinkError("property \"" + name + "\" of " + subject + " is no whole number that can be written");
  }
}

bool runs(GstElement* element) {
  GST_OBJECT_LOCK(element);
  const bool is_running = GST_STATE(element) >= GST_STATE_PAUSED || GST_STATE_NEXT(element) >= GST_STATE_PAUSED;
  GST_OBJECT_UNLOCK(element);
  return is_running;
}

bool encodes_pictures(GstElement* element) {
  GstElementFactory* factory = gst_element_get_factory(element);
  return factory != nullptr && !GST_IS_BIN(element) &&
         gst_element_factory_list_is_type(factory, GST_ELEMENT_FACTORY_TYPE_VIDEO_ENCODER) != 0;
}

}  // namespace

std::string LiveElement::name() const { return take_string(gst_element_get_name(element_.get())); }

std::string LiveElement::factory() const {
  GstElementFactory* factory = gst_element_get_factory(element_.get());
  return factory != nullptr ? GST_OBJECT_NAME(factory) : "";
}

std::optional<std::string> LiveElement::property(const std::string& name) const {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element_.get()), name.c_str());
  if (spec == nullptr || (spec->flags & G_PARAM_READABLE) == 0) return std::nullopt;
  GValue value = G_VALUE_INIT;
  g_value_init(&value, G_PARAM_SPEC_VALUE_TYPE(spec));
  g_object_get_property(G_OBJECT(element_.get()), name.c_str(), &value);
  std::string text;
  if (G_IS_PARAM_SPEC_ENUM(spec)) {
    const GEnumValue* chosen = g_enum_get_value(G_PARAM_SPEC_ENUM(spec)->enum_class, g_value_get_enum(&value));
    if (chosen != nullptr) text = chosen->value_nick;
  } else if (G_VALUE_HOLDS_STRING(&value)) {
    if (const char* characters = g_value_get_string(&value)) text = characters;
  } else if (char* serialized = gst_value_serialize(&value)) {
    text = take_string(serialized);
  }
  g_value_unset(&value);
  return text;
}

void LiveElement::change(const std::string& name, std::int64_t value) const {
  GstElement* element = element_.get();
  refuse_unless_number(element, name);
  const PadPtr door = PadPtr::adopt(gst_element_get_static_pad(element, "sink"));
  if (!door || !runs(element)) {
    set_property(element, name, value);
    return;
  }
  wish(element, door.get(), [&](Wishes& wishes) { wishes.values[name] = value; });
}

void LiveElement::force_key_unit(std::int64_t running_time_ns) const {
  const PadPtr door = PadPtr::adopt(gst_element_get_static_pad(element_.get(), "sink"));
  if (door) wish(element_.get(), door.get(), [&](Wishes& wishes) { wishes.key_times_ns.insert(running_time_ns); });
}

std::vector<LiveElement> find_encoders(GstBin* bin) {
  std::vector<LiveElement> found;
  GstIterator* elements = gst_bin_iterate_recurse(bin);
  GValue item = G_VALUE_INIT;
  for (bool more = true; more;) {
    switch (gst_iterator_next(elements, &item)) {
      case GST_ITERATOR_OK: {
        auto* element = GST_ELEMENT(g_value_get_object(&item));
        if (encodes_pictures(element)) found.emplace_back(ElementPtr::share(element));
        g_value_reset(&item);
        break;
      }
      case GST_ITERATOR_RESYNC:
        found.clear();
        gst_iterator_resync(elements);
        break;
      default:
        more = false;
    }
  }
  g_value_unset(&item);
  gst_iterator_free(elements);
  return found;
}

}  // namespace skyline
