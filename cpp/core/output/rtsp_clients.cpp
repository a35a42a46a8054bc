#include "output/rtsp_clients.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "output/rtsp_requests.h"

namespace skyline {
namespace {

constexpr std::chrono::seconds kLongestSilence{20};  // of a connection that has never set anything up
constexpr std::chrono::seconds kLongestStall{6};     // of one that takes nothing of what waits for it
constexpr std::uint64_t kMostWaiting_bytes = 16 * 1024 * 1024;
constexpr std::chrono::seconds kLongestWait{10};     // of a client for the first frame
constexpr std::chrono::milliseconds kLook{20};
constexpr unsigned kMostWaiting = 32;                // clients that may wait so, each on a thread of its own
constexpr int kUserTimeout_ms = 15'000;              // the kernel's own bound for a peer that has vanished

constexpr const char* kMark = "skyline-watched";

using Self = std::shared_ptr<RtspClients>;
using Watched = std::weak_ptr<RtspWatched>;

int unsent_bytes(GSocket* socket) {
  int bytes = 0;
  return ::ioctl(g_socket_get_fd(socket), SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

std::uint64_t acknowledged(GSocket* socket) {
  struct tcp_info info {};
  socklen_t length = sizeof info;
  if (::getsockopt(g_socket_get_fd(socket), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
  return info.tcpi_bytes_acked;
}

std::string address_of(GSocket* socket) {
  const auto address = Owned<GSocketAddress>::adopt(g_socket_get_remote_address(socket, nullptr));
  if (!address || !G_IS_INET_SOCKET_ADDRESS(address.get())) return "?";
  auto* inet = G_INET_SOCKET_ADDRESS(address.get());
  return take_string(g_inet_address_to_string(g_inet_socket_address_get_address(inet))) + ":" +
         std::to_string(g_inet_socket_address_get_port(inet));
}

bool plays_over_udp(GstRTSPSessionMedia* media) {
  GstRTSPStreamTransport* stream = gst_rtsp_session_media_get_transport(media, 0);
  const GstRTSPTransport* transport = stream != nullptr ? gst_rtsp_stream_transport_get_transport(stream) : nullptr;
  return transport != nullptr && transport->lower_transport != GST_RTSP_LOWER_TRANS_TCP;
}

bool has_session(GstRTSPClient* client) {
  GList* sessions = gst_rtsp_client_session_filter(client, nullptr, nullptr);
  const bool has_one = sessions != nullptr;
  g_list_free_full(sessions, g_object_unref);
  return has_one;
}

}  // namespace

void RtspClients::mark(GstRTSPMedia* media, Watched watched) {
  g_object_set_data_full(G_OBJECT(media), kMark, new Watched(std::move(watched)),
                         [](gpointer mark) { delete static_cast<Watched*>(mark); });
}

void RtspClients::add_path(const std::string& path, Watched watched) {
  const std::lock_guard<std::mutex> lock(mutex_);
  paths_[path] = std::move(watched);
}

void RtspClients::remove_path(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  paths_.erase(path);
}

void RtspClients::connect(gpointer instance, const char* signal, Callback callback) {
  g_signal_connect_data(
      instance, signal, callback, new Self(shared_from_this()),
      [](gpointer self, GClosure*) { delete static_cast<Self*>(self); }, GConnectFlags{});
}

void RtspClients::watch(GstRTSPServer* server) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_closing_ = false;
  }
  connect(server, "client-connected",
          G_CALLBACK(+[](GstRTSPServer*, GstRTSPClient* client, Self* self) { (*self)->add(client); }));
}

void RtspClients::add(GstRTSPClient* client) {
  GstRTSPConnection* connection = gst_rtsp_client_get_connection(client);
  Client added;
  added.socket = Owned<GSocket>::share(gst_rtsp_connection_get_write_socket(connection));
  added.address = address_of(added.socket.get());
  added.connected = added.moved = SteadyClock::now();
  const int timeout_ms = kUserTimeout_ms;
  ::setsockopt(g_socket_get_fd(added.socket.get()), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    added.is_refused = clients_.size() >= max_clients_;
    clients_.emplace(client, std::move(added));
  }
  connect(client, "closed", G_CALLBACK(+[](GstRTSPClient* gone, Self* self) { (*self)->remove(gone); }));
  connect(client, "new-session", G_CALLBACK(+[](GstRTSPClient*, GstRTSPSession* session, Self* self) {
            gst_rtsp_session_set_timeout(session, (*self)->session_timeout_s_);
          }));
  const auto ready = +[](GstRTSPClient* asking, GstRTSPContext* context, Self* self) {
    const GstRTSPStatusCode refusal = refusal_of(asking, context);
    return refusal != GST_RTSP_STS_OK ? refusal : (*self)->check_ready(context);
  };
  connect(client, "pre-describe-request", G_CALLBACK(ready));
  connect(client, "pre-setup-request", G_CALLBACK(ready));
  connect(client, "send-message", G_CALLBACK(+[](GstRTSPClient*, GstRTSPContext* context, GstRTSPMessage*, Self*) {
            if (context->method == GST_RTSP_SETUP && context->stream != nullptr) share_multicast_ports(context->stream);
          }));
  const auto refuse = +[](GstRTSPClient*, GstRTSPContext*, Self*) { return GST_RTSP_STS_METHOD_NOT_ALLOWED; };
  connect(client, "pre-announce-request", G_CALLBACK(refuse));
  connect(client, "pre-record-request", G_CALLBACK(refuse));
  connect(client, "pre-play-request", G_CALLBACK(+[](GstRTSPClient*, GstRTSPContext* context, Self*) {
            auto* mark = static_cast<Watched*>(g_object_get_data(G_OBJECT(context->media), kMark));
            const auto watched = mark != nullptr ? mark->lock() : nullptr;
            if (watched) watched->prepare_join(context->media);
            return GST_RTSP_STS_OK;
          }));
  connect(client, "play-request", G_CALLBACK(+[](GstRTSPClient* playing, GstRTSPContext* context, Self* self) {
            (*self)->play(playing, context);
          }));
  const auto stopped = +[](GstRTSPClient* leaving, GstRTSPContext*, Self* self) { (*self)->leave(leaving); };
  connect(client, "pause-request", G_CALLBACK(stopped));
  connect(client, "teardown-request", G_CALLBACK(stopped));
}

std::shared_ptr<RtspWatched> RtspClients::watched_at(const std::string& path) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  // A request may name a stream of the media ("/camera/stream=0"); the longest path that is ours counts.
  for (std::string found = path; !found.empty(); found.erase(found.find_last_of('/'))) {
    const auto entry = paths_.find(found);
    if (entry != paths_.end()) return entry->second.lock();
    if (found.find('/') == std::string::npos) break;
  }
  return nullptr;
}

GstRTSPStatusCode RtspClients::check_ready(const GstRTSPContext* context) {
  if (context->uri == nullptr || context->uri->abspath == nullptr) return GST_RTSP_STS_BAD_REQUEST;
  return wait_until_ready(context->uri->abspath) ? GST_RTSP_STS_OK : GST_RTSP_STS_SERVICE_UNAVAILABLE;
}

// Nobody need start a player after the camera: it waits for the first frame. True too where nothing of ours is, of
// which the library knows more.
bool RtspClients::wait_until_ready(const std::string& path) {
  const auto is_ready = [&] {
    const auto watched = watched_at(path);
    return !watched || watched->is_ready();
  };
  if (is_ready()) return true;
  const auto until = SteadyClock::now() + kLongestWait;
  std::unique_lock<std::mutex> lock(mutex_);
  if (waiting_ >= kMostWaiting) return false;
  ++waiting_;
  bool ready = false;
  while (!ready && !is_closing_ && SteadyClock::now() < until) {
    gone_.wait_for(lock, kLook);
    lock.unlock();  // what is watched has locks of its own
    ready = is_ready();
    lock.lock();
  }
  --waiting_;
  return ready;
}

void RtspClients::play(GstRTSPClient* client, GstRTSPContext* context) {
  auto* mark = static_cast<Watched*>(g_object_get_data(G_OBJECT(context->media), kMark));
  const auto watched = mark != nullptr ? mark->lock() : nullptr;
  if (!watched) return;
  std::string address;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = clients_.find(client);
    if (found != clients_.end()) {
      found->second.watched = watched;
      found->second.watched_key = watched.get();
      found->second.is_unheard = plays_over_udp(context->sessmedia);
      address = found->second.address;
    }
  }
  watched->note_joined(client, address);
}

void RtspClients::leave(GstRTSPClient* client) {
  Watched watched;
  std::string address;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = clients_.find(client);
    if (found == clients_.end()) return;
    watched = std::exchange(found->second.watched, {});
    found->second.watched_key = nullptr;
    address = found->second.address;
  }
  if (const auto left = watched.lock()) left->note_left(client, address);
}

void RtspClients::remove(GstRTSPClient* client) {
  leave(client);
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  // Of a TLS connection a reference stays somewhere in GLib, and with it the descriptor.
  g_socket_close(found->second.socket.get(), nullptr);
  clients_.erase(found);
  gone_.notify_all();
}

// What waits for a client in this process the library does not tell; it is what was sent since it last had
// nothing to take, less what it took.
bool RtspClients::is_too_slow(Client& client, std::uint64_t sent_bytes, SteadyClock::time_point now) {
  const std::uint64_t taken = acknowledged(client.socket.get());
  const bool is_level = unsent_bytes(client.socket.get()) == 0;
  if (is_level || taken != client.taken_bytes) client.moved = now;
  client.taken_bytes = taken;
  if (is_level) {
    client.taken_when_level = taken;
    client.sent_when_level = sent_bytes;
  }
  const std::uint64_t waiting = sent_bytes - client.sent_when_level;
  return now - client.moved > kLongestStall || waiting > taken - client.taken_when_level + kMostWaiting_bytes;
}

void RtspClients::look_after() {
  const auto now = SteadyClock::now();
  std::vector<Owned<GstRTSPClient>> silent, expired, unwanted;
  std::vector<std::shared_ptr<RtspWatched>> watched;  // whose last owner must not let go with our lock
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [client, known] : clients_) {
      watched.push_back(known.watched.lock());
      const std::uint64_t sent = watched.back() ? watched.back()->bytes_sent() : 0;
      if (known.is_refused || is_too_slow(known, sent, now)) {
        unwanted.push_back(Owned<GstRTSPClient>::share(client));
      } else if (known.watched_key != nullptr) {
        expired.push_back(Owned<GstRTSPClient>::share(client));
      } else if (now - known.connected > kLongestSilence) {
        silent.push_back(Owned<GstRTSPClient>::share(client));
      }
    }
  }
  // Without the lock, which "closed" takes.
  for (const auto& client : unwanted) gst_rtsp_client_close(client.get());
  for (const auto* group : {&silent, &expired}) {
    for (const auto& client : *group) {
      if (!has_session(client.get())) gst_rtsp_client_close(client.get());
    }
  }
}

unsigned RtspClients::count() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<unsigned>(clients_.size());
}

bool RtspClients::has_sent(const RtspWatched* watched) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [client, known] : clients_) {
    if (known.watched_key == watched && unsent_bytes(known.socket.get()) != 0) return false;
  }
  return true;
}

bool RtspClients::has_unheard(const RtspWatched* watched) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::any_of(clients_.begin(), clients_.end(),
                     [&](const auto& known) { return known.second.watched_key == watched && known.second.is_unheard; });
}

void RtspClients::close(const RtspWatched* watched) {
  std::vector<Owned<GstRTSPClient>> closing;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [client, known] : clients_) {
      if (watched == nullptr || known.watched_key == watched) closing.push_back(Owned<GstRTSPClient>::share(client));
    }
  }
  for (const auto& client : closing) gst_rtsp_client_close(client.get());
}

void RtspClients::close_all() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_closing_ = true;
  }
  gone_.notify_all();
  close(nullptr);
}

bool RtspClients::wait_until_none(SteadyClock::time_point until) const {
  std::unique_lock<std::mutex> lock(mutex_);
  return gone_.wait_until(lock, until, [this] { return clients_.empty(); });
}

}  // namespace skyline
