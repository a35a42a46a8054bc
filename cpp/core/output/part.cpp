#include "output/part.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "gst/runtime.h"
#include "output/datagrams.h"
#include "output/peer_words.h"
#include "pipeline/screen.h"
#include "pipeline/unit_duration.h"
#include "report/errors.h"
#include "report/redact.h"

namespace skyline {
namespace {

std::string location_of(const Recipe& recipe, unsigned index) {
  return recipe.parts ? recipe.parts->name(index) : recipe.location;
}

std::string text_of(const Recipe& recipe, const std::string& location) {
  std::string text = "appsrc ! " + chain_text(recipe.chain);
  if (!recipe.silence.empty()) text += " " + chain_text(recipe.silence) + " ! mux.";
  if (!location.empty()) text += " location=" + redact(location);
  return text;
}

// A writing end of our own in a named pipe, until the sink has opened its one: so that a pipe without
// a reader is told at once, and one with a reader sees no end in between.
class PipeEnd {
 public:
  explicit PipeEnd(const std::string& path) {
    struct stat status {};
    if (path.empty() || ::stat(path.c_str(), &status) != 0 || !S_ISFIFO(status.st_mode)) return;
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    has_no_reader_ = descriptor_ < 0 && errno == ENXIO;
  }
  ~PipeEnd() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;
  bool has_no_reader() const { return has_no_reader_; }

 private:
  int descriptor_ = -1;
  bool has_no_reader_ = false;
};

void set_if_there(GObject* element, const char* property, gboolean value) {
  if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), property) != nullptr) g_object_set(element, property, value, nullptr);
}

// Also those that a sink makes for itself later on: none waits for a first frame before it plays, and none keeps the
// last one, which may be memory that was lent.
void let_sinks_hurry(GstElement* pipeline) {
  const auto hurry = +[](GstBin* /*pipeline*/, GstBin* /*parent*/, GstElement* element, gpointer /*data*/) {
    if (!GST_OBJECT_FLAG_IS_SET(element, GST_ELEMENT_FLAG_SINK)) return;
    set_if_there(G_OBJECT(element), "async", FALSE);
    set_if_there(G_OBJECT(element), "enable-last-sample", FALSE);
  };
  g_signal_connect(pipeline, "deep-element-added", G_CALLBACK(hurry), nullptr);
}

}  // namespace

Part::Part(const Recipe& recipe, unsigned index, std::shared_ptr<EventQueue> events, Listeners listeners)
    : index_(index),
      location_(location_of(recipe, index)),
      sink_(recipe.chain.empty() ? "" : recipe.chain.back().factory),
      failure_(std::make_shared<Failure>()),
      pipeline_(recipe.name, text_of(recipe, location_), failure_, std::move(events)) {
  if (recipe.chain.empty()) throw SinkError("output \"" + recipe.name + "\" has no elements");
  const ElementPtr appsrc = make_element({"appsrc", {}, {}, ""});
  // Offline there is no clock to keep to; live, the muxers have to know that waiting is no use.
  source_ = std::make_unique<AppSource>(appsrc.get(), !recipe.waits, std::move(listeners.need_data));
  // Left unset, it also means that nothing can be held back, and muxers and sinks complain of that at each start;
  // the port holds back what they want to wait for.
  if (!recipe.waits && !recipe.is_raw) set_property(appsrc.get(), "min-latency", std::int64_t{0});
  if (recipe.is_raw) {
    pipeline_.ignore_errors_of_shut_down();
    let_sinks_hurry(pipeline_.element());
    survive_lost_screen(pipeline_.element());
  }
  gst_bin_add(pipeline_.bin(), appsrc.get());
  const auto elements = add_chain(pipeline_.bin(), recipe.chain);
  if (gst_element_link(appsrc.get(), elements.front().get()) == 0) {
    throw SinkError("output \"" + recipe.name + "\": " + recipe.chain.front().factory + " takes no data from an appsrc");
  }
  if (recipe.is_raw) {
    stride_guard_ = std::make_unique<StrideGuard>();
    stride_guard_->watch(PadPtr::adopt(gst_element_get_static_pad(appsrc.get(), "src")).get(), {});
  } else {
    // What feeds the muxer, which stands before the sink.
    GstElement* last_of_units = elements.size() < 3 ? appsrc.get() : elements[elements.size() - 3].get();
    give_durations(PadPtr::adopt(gst_element_get_static_pad(last_of_units, "src")).get());
  }
  if (recipe.datagram_bytes != 0) {
    const PadPtr into_sink = PadPtr::adopt(gst_element_get_static_pad(elements.back().get(), "sink"));
    cut_into_datagrams(PadPtr::adopt(gst_pad_get_peer(into_sink.get())).get(), recipe.datagram_bytes);
  }
  if (!recipe.silence.empty()) {
    silence_.emplace(pipeline_.bin(), recipe.silence, PadPtr::adopt(gst_element_get_static_pad(appsrc.get(), "src")).get());
  }
  if (!location_.empty()) set_property(elements.back().get(), "location", location_);
  sink_element_ = elements.back();
  pipeline_.leave_failures_to_owner();
  if (listeners.noticed) pipeline_.on_notice(std::move(listeners.noticed));
  pipeline_.on_eos(std::move(listeners.ended));
  failure_->on_latch([failure = failure_.get(), failed = std::move(listeners.failed)] { failed(*failure->error()); });
}

Part::~Part() {
  if (forked_after_use()) {
    static_cast<void>(stride_guard_.release());
    static_cast<void>(source_.release());  // its threads are the parent's, and so is its memory
    return;
  }
  close(Deadline(std::chrono::milliseconds(500)));
}

void Part::open(const TimeBase& time) {
  const PipeEnd pipe(location_);
  if (pipe.has_no_reader()) {
    throw PipelineError(bus_error(sink_, "resource", GST_RESOURCE_ERROR_OPEN_WRITE,
                                  "Could not open file \"" + location_ + "\" for writing: nobody reads this pipe."));
  }
  try {
    pipeline_.pause(time);
  } catch (const PipelineError& failed) {
    throw PipelineError(name_taken_port(failed.error));
  }
}

void Part::play(const TimeBase& time, std::int64_t zero_ns, std::int64_t start_ns) {
  // The base time reaches the elements on the way from PAUSED to PLAYING only.
  if (playing_) pipeline_.pause(time);
  // Both, or a file is wrong: the offset alone leaves running times in the clock's past, where a live
  // muxer never waits; times subtracted in the buffers lose negative DTS (B-frames).
  const PadPtr pad = PadPtr::adopt(gst_element_get_static_pad(source_->element(), "src"));
  gst_pad_set_offset(pad.get(), -zero_ns);
  if (silence_) silence_->begin_at(start_ns - zero_ns);
  pipeline_.play_from(time, static_cast<GstClockTime>(zero_ns));
  playing_ = true;
}

void Part::close(const Deadline& deadline) {
  if (std::exchange(closed_, true)) return;
  // A thread stuck in the kernel may still come back and ask the source for data.
  if (pipeline_.shut_down(deadline)) return;
  static_cast<void>(source_.release());
  static_cast<void>(stride_guard_.release());
}

}  // namespace skyline
