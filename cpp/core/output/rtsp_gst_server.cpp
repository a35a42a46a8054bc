#include "output/rtsp_gst_server.h"

#include <pthread.h>

#include <utility>

#include "gst/runtime.h"
#include "output/rtsp_access.h"
#include "output/rtsp_mount.h"
#include "pipeline/pipeline.h"
#include "report/errors.h"
#include "report/failure.h"

namespace skyline {
namespace {

constexpr int kBacklog = 1024;                 // connections the kernel keeps while we are busy
constexpr int kThreads = -1;                   // one for each client, which may wait for a first frame there
constexpr guint kLook_ms = 500;                // between two looks after the clients
constexpr unsigned kLongestBody_bytes = 65'536;
constexpr std::chrono::seconds kFarewell{2};   // for clients to be closed

PipelineError port_error(const RtspSettings& settings, const GErrorPtr& cause) {
  const std::string reason = cause ? cause->message : "no reason given";
  return PipelineError(bus_error("rtsp-server", "resource", GST_RESOURCE_ERROR_OPEN_READ_WRITE,
                                 "cannot listen on " + settings.address + " port " + settings.port + ": " + reason));
}

void look_after_regularly(const Owned<GMainContext>& context, RtspClients& clients, GstRTSPSessionPool* sessions) {
  struct Chores {
    std::shared_ptr<RtspClients> clients;
    Owned<GstRTSPSessionPool> sessions;
  };
  const auto timer = Owned<GSource>::adopt(g_timeout_source_new(kLook_ms));
  g_source_set_callback(
      timer.get(),
      [](gpointer data) -> gboolean {
        auto* chores = static_cast<Chores*>(data);
        gst_rtsp_session_pool_cleanup(chores->sessions.get());
        chores->clients->look_after();
        return G_SOURCE_CONTINUE;
      },
      new Chores{clients.shared_from_this(), Owned<GstRTSPSessionPool>::share(sessions)},
      [](gpointer data) { delete static_cast<Chores*>(data); });
  g_source_attach(timer.get(), context.get());
}

}  // namespace

bool RtspServer::is_available() { return true; }

std::shared_ptr<RtspServer> RtspServer::create(const RtspSettings& settings) {
  ensure_runtime();
  return std::make_shared<GstRtspServer>(settings);
}

std::shared_ptr<RtspServer> RtspServer::shared(const RtspSettings& settings) {
  ensure_runtime();
  static std::recursive_mutex mutex;  // a server whose port is taken ends in here
  static std::map<std::pair<std::string, std::string>, std::weak_ptr<RtspServer>> servers;  // guarded by mutex
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  auto& known = servers[{settings.address, settings.port}];
  auto server = known.lock();
  if (server && settings.port != "0") return server;
  // Its end holds the lock, so that who comes next finds the port free.
  server = std::shared_ptr<RtspServer>(new GstRtspServer(settings), [](RtspServer* ending) {
    const std::lock_guard<std::recursive_mutex> end_lock(mutex);
    delete ending;
  });
  known = server;
  server->start();
  return server;
}

GstRtspServer::GstRtspServer(RtspSettings settings)
    : clients_(std::make_shared<RtspClients>(settings.max_clients, settings.session_timeout_s)),
      mounts_(Owned<GstRTSPMountPoints>::adopt(gst_rtsp_mount_points_new())),
      sessions_(Owned<GstRTSPSessionPool>::adopt(gst_rtsp_session_pool_new())),
      threads_(Owned<GstRTSPThreadPool>::adopt(gst_rtsp_thread_pool_new())),
      addresses_(rtsp_addresses(settings)),
      auth_(rtsp_access(settings)),
      settings_(std::move(settings)) {
  gst_rtsp_thread_pool_set_max_threads(threads_.get(), kThreads);
  gst_rtsp_session_pool_set_max_sessions(sessions_.get(), settings_.max_clients);
}

GstRtspServer::~GstRtspServer() {
  if (forked_after_use()) {
    // The threads behind them stayed in the parent.
    thread_ = std::thread();
    return;
  }
  close_port();
}

void GstRtspServer::start() {
  refuse_after_fork();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (loop_) return;
  auto server = Owned<GstRTSPServer>::adopt(gst_rtsp_server_new());
  gst_rtsp_server_set_address(server.get(), settings_.address.c_str());
  gst_rtsp_server_set_service(server.get(), settings_.port.c_str());
  gst_rtsp_server_set_backlog(server.get(), kBacklog);
  gst_rtsp_server_set_content_length_limit(server.get(), kLongestBody_bytes);
  gst_rtsp_server_set_mount_points(server.get(), mounts_.get());
  gst_rtsp_server_set_session_pool(server.get(), sessions_.get());
  gst_rtsp_server_set_thread_pool(server.get(), threads_.get());
  if (auth_) gst_rtsp_server_set_auth(server.get(), auth_.get());
  clients_->watch(server.get());

  // Of our own, because the library keeps its one, and so the port, until the last client's thread has ended.
  GError* raw_error = nullptr;
  auto socket = Owned<GSocket>::adopt(gst_rtsp_server_create_socket(server.get(), nullptr, &raw_error));
  const GErrorPtr error(raw_error);
  if (!socket) throw port_error(settings_, error);
  const auto address = Owned<GSocketAddress>::adopt(g_socket_get_local_address(socket.get(), nullptr));
  if (address) settings_.port = std::to_string(g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address.get())));

  const auto context = Owned<GMainContext>::adopt(g_main_context_new());
  const auto accept = Owned<GSource>::adopt(
      g_socket_create_source(socket.get(), static_cast<GIOCondition>(G_IO_IN | G_IO_ERR | G_IO_HUP), nullptr));
  g_source_set_callback(accept.get(), G_SOURCE_FUNC(&gst_rtsp_server_io_func), g_object_ref(server.get()),
                        &g_object_unref);
  g_source_attach(accept.get(), context.get());
  look_after_regularly(context, *clients_, sessions_.get());

  server_ = std::move(server);
  socket_ = std::move(socket);
  loop_ = Owned<GMainLoop>::adopt(g_main_loop_new(context.get(), FALSE));
  thread_ = std::thread([context, loop = loop_] {
    pthread_setname_np(pthread_self(), "rtsp-server");
    g_main_context_push_thread_default(context.get());
    g_main_loop_run(loop.get());
    g_main_context_pop_thread_default(context.get());
  });
}

// With mutex_, or in the destructor.
void GstRtspServer::close_port() {
  if (!loop_) return;
  // From within, or a quit before the loop runs would be lost.
  const auto quit = Owned<GSource>::adopt(g_idle_source_new());
  g_source_set_callback(
      quit.get(),
      [](gpointer loop) -> gboolean {
        g_main_loop_quit(static_cast<GMainLoop*>(loop));
        return G_SOURCE_REMOVE;
      },
      g_main_loop_ref(loop_.get()), [](gpointer loop) { g_main_loop_unref(static_cast<GMainLoop*>(loop)); });
  g_source_attach(quit.get(), g_main_loop_get_context(loop_.get()));
  thread_.join();
  loop_.reset();
  g_socket_close(socket_.get(), nullptr);
  socket_.reset();
  clients_->close_all();
  server_.reset();
}

void GstRtspServer::stop(const Deadline& deadline, const Interrupt& interrupt) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    close_port();
  }
  const auto until = SteadyClock::now() + kFarewell;
  while (!clients_->wait_until_none(deadline.slice()) && !deadline.passed() && SteadyClock::now() < until) {
    if (interrupt) interrupt();
  }
  GList* left = gst_rtsp_session_pool_filter(
      sessions_.get(), [](GstRTSPSessionPool*, GstRTSPSession*, gpointer) { return GST_RTSP_FILTER_REMOVE; }, nullptr);
  g_list_free_full(left, g_object_unref);
}

bool GstRtspServer::is_running() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<bool>(loop_);
}

std::string GstRtspServer::port() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return settings_.port;
}

std::shared_ptr<ControlThread> GstRtspServer::control() {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto control = control_.lock();
  if (!control) control_ = control = std::make_shared<ControlThread>();
  return control;
}

void GstRtspServer::configure(GstRTSPMediaFactory* factory) {
  gst_rtsp_media_factory_set_address_pool(factory, addresses_.get());
  const bool is_loopback = settings_.address == "localhost" || settings_.address.rfind("127.", 0) == 0;
  if (is_loopback) gst_rtsp_media_factory_set_multicast_iface(factory, "lo");
  if (auth_)
    gst_rtsp_media_factory_add_role(factory, kRtspRole, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                    GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);
}

void GstRtspServer::add_launch(const std::string& path, const std::string& launch_text) {
  // Tried first: the library only finds out when a client comes.
  const auto tried = Pipeline::parse(launch_text, path, std::make_shared<Failure>(), std::make_shared<EventQueue>());
  if (!ElementPtr::adopt(gst_bin_get_by_name(tried->bin(), "pay0"))) {
    throw SinkError("the launch text of " + path +
                    " has no element named pay0: name its payloader so, e.g. rtph264pay name=pay0");
  }
  const auto factory = Owned<GstRTSPMediaFactory>::adopt(gst_rtsp_media_factory_new());
  gst_rtsp_media_factory_set_launch(factory.get(), ("( " + launch_text + " )").c_str());
  gst_rtsp_media_factory_set_shared(factory.get(), TRUE);
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto known = paths_.find(path);
  if (known != paths_.end() && known->second == Kind::mount)
    throw SinkError("path " + path + " of the RTSP server is in use");
  configure(factory.get());
  paths_[path] = Kind::launch;
  gst_rtsp_mount_points_add_factory(mounts_.get(), path.c_str(), Owned<GstRTSPMediaFactory>(factory).release());
}

bool GstRtspServer::remove_launch(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto known = paths_.find(path);
  if (known == paths_.end() || known->second != Kind::launch) return false;
  paths_.erase(known);
  gst_rtsp_mount_points_remove_factory(mounts_.get(), path.c_str());
  return true;
}

std::shared_ptr<Output> GstRtspServer::add_mount(RtspMountSettings mount, const OutputContext& context) {
  const auto output = std::make_shared<RtspMount>(std::move(mount), context, shared_from_this());
  output->open();
  return output;
}

void GstRtspServer::mount(const std::string& path, const Owned<GstRTSPMediaFactory>& factory,
                          std::weak_ptr<RtspWatched> watched) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!paths_.emplace(path, Kind::mount).second) throw SinkError("path " + path + " of the RTSP server is in use");
  configure(factory.get());
  clients_->add_path(path, std::move(watched));
  gst_rtsp_mount_points_add_factory(mounts_.get(), path.c_str(), Owned<GstRTSPMediaFactory>(factory).release());
}

void GstRtspServer::unmount(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (paths_.erase(path) == 0) return;
  gst_rtsp_mount_points_remove_factory(mounts_.get(), path.c_str());
  clients_->remove_path(path);
}

Owned<GstRTSPMedia> GstRtspServer::prepare_media(const std::string& path, GstRTSPMediaFactory* factory) {
  GstRTSPUrl* url = nullptr;
  if (gst_rtsp_url_parse(("rtsp://127.0.0.1" + path).c_str(), &url) != GST_RTSP_OK) return {};
  auto media = Owned<GstRTSPMedia>::adopt(gst_rtsp_media_factory_construct(factory, url));
  gst_rtsp_url_free(url);
  if (!media) return {};
  GstRTSPThread* thread = gst_rtsp_thread_pool_get_thread(threads_.get(), GST_RTSP_THREAD_TYPE_MEDIA, nullptr);
  const bool is_prepared = thread != nullptr && gst_rtsp_media_prepare(media.get(), thread) != 0;
#if GST_CHECK_VERSION(1, 24, 0)
  // Since then it comes locked, so that clients wait for whoever prepares it.
  gst_rtsp_media_unlock(media.get());
#endif
  return is_prepared ? media : Owned<GstRTSPMedia>();
}

}  // namespace skyline
