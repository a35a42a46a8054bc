#include "output/rtsp_mount.h"

#include <gst/base/gstbasesink.h>

#include <thread>
#include <utility>

#include "gst/runtime.h"
#include "output/rtsp_gst_server.h"
#include "report/errors.h"

namespace skyline {
namespace {

constexpr std::chrono::milliseconds kLongestJoin{1000};       // a stream of one frame a second still joins cleanly
constexpr std::chrono::milliseconds kLongestFarewell{1000};   // for the last units to reach the clients
constexpr std::chrono::milliseconds kUdpFarewell{250};
constexpr std::chrono::milliseconds kLook{10};
constexpr std::chrono::milliseconds kLongestSinking{100};
constexpr std::chrono::milliseconds kSinkLook{2};

using Source = std::shared_ptr<AppSource>;

// A media that begins was primed with an old unit, which nobody is to see.
GstPadProbeReturn drop_stale(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer feed) {
  GstBuffer* buffer = nullptr;
  if ((GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
    buffer = gst_buffer_list_get(GST_PAD_PROBE_INFO_BUFFER_LIST(info), 0);
  } else {
    buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  }
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  const bool is_stale = GST_CLOCK_TIME_IS_VALID(pts) && (*static_cast<std::shared_ptr<RtspFeed>*>(feed))->is_stale(pts);
  return is_stale ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

// Where packets leave the RTP session: a prepared media is blocked there, and the probe sees what is let go.
PadPtr send_pad(GstRTSPMedia* media) {
  GstRTSPStream* stream = gst_rtsp_media_get_stream(media, 0);
  if (stream == nullptr) return {};
  const auto payloaded = PadPtr::adopt(gst_rtsp_stream_get_srcpad(stream));
  const auto session = PadPtr::adopt(payloaded ? gst_pad_get_peer(payloaded.get()) : nullptr);
  const auto rtpbin = ElementPtr::adopt(session ? gst_pad_get_parent_element(session.get()) : nullptr);
  return PadPtr::adopt(rtpbin ? gst_element_get_static_pad(rtpbin.get(), "send_rtp_src_0") : nullptr);
}

bool has_empty_queues(GstBin* bin) {
  bool all_empty = true;
  const std::unique_ptr<GstIterator, decltype(&gst_iterator_free)> queues(
      gst_bin_iterate_all_by_element_factory_name(bin, "queue"), &gst_iterator_free);
  gst_iterator_foreach(
      queues.get(),
      [](const GValue* value, gpointer result) {
        guint level = 0;
        g_object_get(g_value_get_object(value), "current-level-buffers", &level, nullptr);
        if (level != 0) *static_cast<bool*>(result) = false;
      },
      &all_empty);
  return all_empty;
}

// Behind the payloader the library has a queue and a thread before each kind of sink, and another that writes to
// the TCP clients. What they still have would be the first that a new client gets.
void wait_until_sunk(GstRTSPMedia* media) {
  const auto bin = ElementPtr::adopt(gst_rtsp_media_get_element(media));
  const auto pipeline = ElementPtr::adopt(bin ? GST_ELEMENT(gst_object_get_parent(GST_OBJECT(bin.get()))) : nullptr);
  if (!pipeline) return;
  const auto until = SteadyClock::now() + kLongestSinking;
  for (unsigned looks = 0; looks < 3 && SteadyClock::now() < until;) {
    std::this_thread::sleep_for(kSinkLook);
    looks = has_empty_queues(GST_BIN(pipeline.get())) ? looks + 1 : 0;
  }
}

}  // namespace

RtspMount::RtspMount(RtspMountSettings settings, const OutputContext& context, std::shared_ptr<GstRtspServer> server)
    : Output(settings.name, context),
      settings_(std::move(settings)),
      feed_(std::make_shared<RtspFeed>(settings_.bounds)),
      server_(std::move(server)),
      work_(server_->control()) {}

RtspMount::~RtspMount() {
  if (forked_after_use()) {
    static_cast<void>(factory_.release());
    static_cast<void>(media_.release());
    return;
  }
  if (!work_) return;
  // The last owner may be a streaming thread, and those never change a state. The task lets go of its thread last.
  work_->post([work = work_, server = server_, media = media_, path = is_mounted_ ? settings_.path : ""] {
    if (server && !path.empty()) server->unmount(path);
    if (media) gst_rtsp_media_unprepare(media.get());
  });
}

void RtspMount::open() {
  ensure_runtime();
  if (!make_bin()) throw SinkError("output \"" + name_ + "\": its payloader does not take units from an appsrc");
  factory_ = make_rtsp_media_factory(self());
  server_->mount(settings_.path, factory_, self());
  is_mounted_ = true;
}

ElementPtr RtspMount::make_bin() try {
  auto bin = ElementPtr::adopt(GST_ELEMENT(gst_object_ref_sink(gst_bin_new(nullptr))));
  const ElementPtr appsrc = make_element({"appsrc", {}, {}, ""});
  gst_bin_add(GST_BIN(bin.get()), appsrc.get());
  const auto elements = add_chain(GST_BIN(bin.get()), settings_.chain);
  if (elements.empty() || gst_element_link(appsrc.get(), elements.front().get()) == 0) return {};
  // It goes with the bin, which is NULL by then.
  g_object_set_data_full(G_OBJECT(bin.get()), "skyline-source", new Source(feed_->attach(appsrc.get())),
                         [](gpointer source) { delete static_cast<Source*>(source); });
  return bin;
} catch (const MissingElementError&) {
  if (!factory_) throw;
  return {};
} catch (const SinkError&) {
  if (!factory_) throw;
  return {};
}

void RtspMount::set_up(GstElement* pipeline) {
  time_.apply(pipeline);
  // A sink waits for the time of what it sends, which has come, and as a rule for 20 ms more.
  g_signal_connect(pipeline, "element-added", G_CALLBACK(+[](GstBin*, GstElement* element, gpointer) {
                     if (GST_IS_BASE_SINK(element)) g_object_set(element, "processing-deadline", guint64{0}, nullptr);
                   }),
                   nullptr);
}

void RtspMount::media_made(GstRTSPMedia* media) {
  RtspClients::mark(media, self());
  g_signal_connect_data(
      media, "prepared", G_CALLBACK(+[](GstRTSPMedia* prepared, std::shared_ptr<RtspFeed>* feed) {
        const PadPtr pad = send_pad(prepared);
        if (!pad) return;
        gst_pad_add_probe(pad.get(),
                          static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
                          &drop_stale, new std::shared_ptr<RtspFeed>(*feed),
                          [](gpointer mine) { delete static_cast<std::shared_ptr<RtspFeed>*>(mine); });
      }),
      new std::shared_ptr<RtspFeed>(feed_),
      [](gpointer mine, GClosure*) { delete static_cast<std::shared_ptr<RtspFeed>*>(mine); }, GConnectFlags{});
}

void RtspMount::consume(const Unit& unit) {
  const bool asks_for_key = feed_->offer(unit);
  if (asks_for_key) request_key_unit();
  if (!unit.is_key) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (asked_to_prepare_ || !server_ || state_ != State::connecting) return;
  asked_to_prepare_ = true;
  work_->post([weak = std::weak_ptr<RtspMount>(self())] {
    if (const auto mount = weak.lock()) mount->prepare();
  });
}

void RtspMount::request_key_unit() {
  const std::lock_guard<std::mutex> lock(asking_mutex_);
  if (!has_ended_) fan_out_.request_key_unit();
}

void RtspMount::prepare() {
  const auto server = [&] {
    const std::lock_guard<std::mutex> lock(mutex_);
    return state_ == State::connecting ? server_ : nullptr;
  }();
  if (!server) return;
  media_ = server->prepare_media(settings_.path, factory_.get());
  if (!media_) {
    fail("the units of this stream cannot be served: its payloader or a UDP port failed");
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (state_ != State::connecting) return;
    state_ = State::live;
  }
  post_event("started", settings_.path);
}

void RtspMount::end_of_units() {
  {
    const std::lock_guard<std::mutex> lock(asking_mutex_);
    has_ended_ = true;
  }
  std::shared_ptr<ControlThread> work;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (state_ == State::finishing || state_ == State::stopped) return;
    state_ = State::finishing;
    work = work_;
  }
  feed_->end();
  work->post([mount = self()] { mount->conclude(); });
}

void RtspMount::wait_until_sent(const GstRtspServer& server) {
  const auto goes_on = [this, until = SteadyClock::now() + kLongestFarewell] {
    const std::lock_guard<std::mutex> lock(mutex_);
    return !is_aborted_ && !watchers_.empty() && SteadyClock::now() < until;
  };
  // Twice in a row: between the media and the socket a unit is in nobody's books.
  for (unsigned looks = 0; looks < 3 && goes_on();) {
    looks = feed_->is_drained() && server.clients_of().has_sent(this) ? looks + 1 : 0;
    std::this_thread::sleep_for(kLook);
  }
  // Not before: a client that reads it leaves what has arrived over UDP where it is.
  feed_->say_goodbye();
  const auto until = SteadyClock::now() + kUdpFarewell;
  while (goes_on() && server.clients_of().has_unheard(this) && SteadyClock::now() < until)
    std::this_thread::sleep_for(kLook);
}

void RtspMount::conclude() {
  const auto server = [&] {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(server_, nullptr);
  }();
  if (!server) return;
  wait_until_sent(*server);
  server->unmount(settings_.path);
  server->clients_of().close(this);
  if (media_) gst_rtsp_media_unprepare(media_.get());
  media_.reset();
  feed_->abandon();
  if (!failure_->happened()) post_event("finished", settings_.path);
  const std::lock_guard<std::mutex> lock(mutex_);
  state_ = State::stopped;
  work_.reset();
  settled_changed_.notify_all();
}

void RtspMount::prepare_join(GstRTSPMedia* media) {
  request_key_unit();
  if (feed_->hold(kLongestJoin)) wait_until_sunk(media);
}

void RtspMount::note_joined(GstRTSPClient* client, const std::string& address) {
  bool is_new = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_new = watchers_.insert(client).second;
    feed_->set_watched(true);
  }
  feed_->release();
  if (is_new) post_event("client_joined", address);
}

void RtspMount::note_left(GstRTSPClient* client, const std::string& address) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (watchers_.erase(client) == 0) return;
    feed_->set_watched(!watchers_.empty());
  }
  post_event("client_left", address);
}

bool RtspMount::wants_units() const { return !settings_.on_demand || feed_->is_watched() || !feed_->is_primed(); }

void RtspMount::begin_abort() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_aborted_ = true;
}

bool RtspMount::wait_settled(SteadyClock::time_point until) {
  std::unique_lock<std::mutex> lock(mutex_);
  return settled_changed_.wait_until(lock, until, [this] { return state_ == State::stopped; });
}

Output::State RtspMount::state() const {
  if (failure_->happened()) return State::failed;
  const std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

OutputStats RtspMount::stats() const {
  OutputStats stats = feed_->stats();
  const std::lock_guard<std::mutex> lock(mutex_);
  stats.clients = static_cast<unsigned>(watchers_.size());
  return stats;
}

void RtspMount::fail(const std::string& message) {
  feed_->abandon();
  latch_failure(
      bus_error("rtsp-server", "stream", GST_STREAM_ERROR_FAILED, message, "appsrc ! " + chain_text(settings_.chain)));
}

}  // namespace skyline
