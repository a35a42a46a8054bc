// Elements as data: values arrive as they were meant, or are refused in words.
#include "check.h"
#include "gst/runtime.h"
#include "pipeline/element_spec.h"
#include "report/errors.h"

using namespace skyline;

namespace {

ElementPtr make(const std::string& factory, decltype(ElementSpec::properties) properties = {}) {
  ensure_runtime();
  return make_element({factory, std::move(properties), {}, ""});
}

std::string text_property(const ElementPtr& element, const char* name) {
  gchar* value = nullptr;
  g_object_get(element.get(), name, &value, nullptr);
  return take_string(value);
}

template <typename T>
T property(const ElementPtr& element, const char* name) {
  T value{};
  g_object_get(element.get(), name, &value, nullptr);
  return value;
}

std::string refusal(const std::string& factory, const std::string& name, const PropertyValue& value) {
  try {
    make(factory, {{name, value}});
    return "accepted";
  } catch (const SinkError& error) {
    return error.what();
  }
}

// Every warning GLib writes on stderr counts: users see those.
int glib_warnings = 0;
void count_warnings() {
  glib_warnings = 0;
  g_log_set_default_handler([](const gchar*, GLogLevelFlags, const gchar*, gpointer) { ++glib_warnings; }, nullptr);
}

}  // namespace

TEST("a string property is set byte for byte") {
  for (const std::string path :
       {"/tmp/a b.mp4", "/tmp/a'b\"c\".mp4", "/tmp/a\\b\\\\c.mp4", "/tmp/x ! filesink location=/tmp/y",
        "/tmp/100%05d%.mp4", "\"quoted\"", "\\", "/tmp/\xff\xfe.mp4", "/tmp/new\nline", "/tmp/ünïcödé 視頻.mp4", ""}) {
    CHECK_EQ(text_property(make("filesink", {{"location", path}}), "location"), path);
  }
}

TEST("a string that would be cut at a zero byte is refused") {
  const std::string said = refusal("filesink", "location", std::string("/tmp/a\0b", 8));
  CHECK_SAY(said.find("zero byte") != std::string::npos && said.find("location") != std::string::npos, said);
}

TEST("numbers are clamped to the property's range") {
  ensure_runtime();
  count_warnings();
  CHECK_EQ(property<guint>(make("x264enc", {{"bitrate", std::int64_t{1} << 62}}), "bitrate"), 2048000U);
  CHECK_EQ(property<guint>(make("x264enc", {{"bitrate", std::int64_t{-5}}}), "bitrate"), 1U);
  CHECK_EQ(property<gdouble>(make("videobalance", {{"contrast", 9.0}}), "contrast"), 2.0);
  CHECK_EQ(property<gdouble>(make("videobalance", {{"contrast", std::int64_t{-9}}}), "contrast"), 0.0);
  CHECK_EQ(property<gdouble>(make("videobalance", {{"contrast", std::string("9.5")}}), "contrast"), 2.0);
  CHECK_EQ(glib_warnings, 0);
}

TEST("each kind of property takes its value") {
  CHECK_EQ(property<guint64>(make("appsrc", {{"max-bytes", std::int64_t{5'000'000'000}}}), "max-bytes"),
           guint64{5'000'000'000});
  CHECK_EQ(property<guint64>(make("appsrc", {{"max-bytes", std::int64_t{-1}}}), "max-bytes"), guint64{0});
  CHECK_EQ(property<gint64>(make("appsrc", {{"max-latency", std::int64_t{-1}}}), "max-latency"), gint64{-1});
  CHECK_EQ(property<gboolean>(make("filesink", {{"async", false}}), "async"), FALSE);
  CHECK_EQ(property<gboolean>(make("filesink", {{"async", std::int64_t{0}}}), "async"), FALSE);
  CHECK_EQ(property<gint>(make("x264enc", {{"tune", std::string("zerolatency")}}), "tune"), 4);
  CHECK_EQ(property<gint>(make("x264enc", {{"speed-preset", std::string("ultrafast")}}), "speed-preset"), 1);
  CHECK_EQ(property<gint>(make("x264enc", {{"speed-preset", std::int64_t{2}}}), "speed-preset"), 2);
  CHECK_EQ(property<gdouble>(make("videobalance", {{"contrast", 0.1}}), "contrast"), 0.1);
  CHECK_EQ(property<gdouble>(make("videobalance", {{"contrast", std::int64_t{2}}}), "contrast"), 2.0);
  const ElementPtr filter = make("capsfilter", {{"caps", std::string("video/x-raw,format=I420")}});
  const CapsPtr caps = CapsPtr::adopt(property<GstCaps*>(filter, "caps"));
  CHECK_EQ(take_string(gst_caps_to_string(caps.get())), std::string("video/x-raw, format=(string)I420"));
}

TEST("what a property cannot be is refused, with the element, the property and the value") {
  std::string said = refusal("x264enc", "no-such-thing", true);
  CHECK_EQ(said, std::string("x264enc has no property \"no-such-thing\""));
  said = refusal("x264enc", "speed-preset", std::string("warp"));
  CHECK_SAY(said.find("\"warp\"") != std::string::npos && said.find("speed-preset") != std::string::npos &&
                said.find("x264enc") != std::string::npos,
            said);
  said = refusal("x264enc", "bitrate", std::string("fast"));
  CHECK_SAY(said.find("\"fast\"") != std::string::npos, said);
  said = refusal("capsfilter", "caps", std::string("video/x-raw,format="));
  CHECK_SAY(said.find("caps") != std::string::npos, said);
  count_warnings();
  said = refusal("x264enc", "speed-preset", std::int64_t{99});
  CHECK_SAY(said.find("\"99\"") != std::string::npos, said);
  said = refusal("fakesink", "last-message", std::string("x"));  // read-only
  CHECK_SAY(said.find("last-message") != std::string::npos, said);
  CHECK_EQ(glib_warnings, 0);
  // What a secret property was given does not come back in the refusal.
  said = refusal("capsfilter", "caps", std::string("token=CANARY,"));
  CHECK_SAY(said.find("CANARY") == std::string::npos, said);
}

TEST("a missing element has its name in the error, an optional property may be missing") {
  try {
    make("no-such-element");
    CHECK(false);
  } catch (const MissingElementError& error) {
    CHECK_EQ(error.element, std::string("no-such-element"));
  }
  ensure_runtime();
  const ElementPtr element = make_element({"filesink", {}, {{"no-such", true}, {"async", false}}, "own-name"});
  CHECK_EQ(property<gboolean>(element, "async"), FALSE);
  CHECK_EQ(text_property(element, "name"), std::string("own-name"));
}

TEST("a chain may hold the same element twice, without a word on stderr") {
  ensure_runtime();
  count_warnings();
  const ElementPtr bin = ElementPtr::adopt(GST_ELEMENT(gst_object_ref_sink(gst_bin_new(nullptr))));
  const ElementSpec queue{"queue", {}, {}, ""};
  const auto elements = add_chain(GST_BIN(bin.get()), {queue, queue, queue, {"fakesink", {}, {}, ""}});
  CHECK_EQ(elements.size(), std::size_t{4});
  CHECK_EQ(GST_BIN_NUMCHILDREN(bin.get()), 4);
  CHECK_EQ(glib_warnings, 0);
  for (std::size_t n = 0; n + 1 < elements.size(); ++n) {
    const PadPtr pad = PadPtr::adopt(gst_element_get_static_pad(elements[n].get(), "src"));
    CHECK(gst_pad_is_linked(pad.get()));
  }
  CHECK_THROWS(add_chain(GST_BIN(bin.get()), {{"x264enc", {}, {}, ""}, {"vp8dec", {}, {}, ""}}), SinkError);
}

TEST("a chain as text hides what is secret") {
  const std::string text = chain_text({{"srtsink",
                                        {{"uri", std::string("srt://u:CANARY@h")},
                                         {"passphrase", std::string("CANARY two")},
                                         {"latency", std::int64_t{200}}},
                                        {},
                                        ""},
                                       {"filesink", {{"async", false}, {"ratio", 0.5}}, {}, ""}});
  CHECK_SAY(text.find("CANARY") == std::string::npos && text.find("two") == std::string::npos, text);
  CHECK_SAY(text.find("latency=200 ! filesink async=false ratio=0.5") != std::string::npos, text);
}
