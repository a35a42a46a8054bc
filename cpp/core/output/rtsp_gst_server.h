// RtspServer on gst-rtsp-server: a main context and a thread of its own for the port, a control thread for the
// media that are kept prepared, the library's threads for the clients.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "output/rtsp_clients.h"
#include "output/rtsp_handles.h"
#include "output/rtsp_server.h"
#include "pipeline/control_thread.h"

namespace skyline {

class GstRtspServer : public RtspServer, public std::enable_shared_from_this<GstRtspServer> {
 public:
  explicit GstRtspServer(RtspSettings settings);
  ~GstRtspServer() override;
  GstRtspServer(const GstRtspServer&) = delete;
  GstRtspServer& operator=(const GstRtspServer&) = delete;

  void start() override;
  void stop(const Deadline& deadline, const Interrupt& interrupt) override;
  bool is_running() const override;
  std::string port() const override;
  unsigned clients() const override { return clients_->count(); }
  void add_launch(const std::string& path, const std::string& launch_text) override;
  bool remove_launch(const std::string& path) override;
  std::shared_ptr<Output> add_mount(RtspMountSettings mount, const OutputContext& context) override;

  // For its mounts
  void mount(const std::string& path, const Owned<GstRTSPMediaFactory>& factory, std::weak_ptr<RtspWatched> watched);
  void unmount(const std::string& path);
  // The one media of a factory, prepared by what it is primed with; empty where that fails. Control thread.
  Owned<GstRTSPMedia> prepare_media(const std::string& path, GstRTSPMediaFactory* factory);
  // Of all its mounts; ends with the last of them.
  std::shared_ptr<ControlThread> control();
  RtspClients& clients_of() const { return *clients_; }

 private:
  enum class Kind { launch, mount };

  void configure(GstRTSPMediaFactory* factory);
  void close_port();

  const std::shared_ptr<RtspClients> clients_;
  const Owned<GstRTSPMountPoints> mounts_;
  const Owned<GstRTSPSessionPool> sessions_;
  const Owned<GstRTSPThreadPool> threads_;
  const Owned<GstRTSPAddressPool> addresses_;
  Owned<GstRTSPAuth> auth_;

  mutable std::mutex mutex_;
  RtspSettings settings_;                // guarded by mutex_: start() learns the port
  std::map<std::string, Kind> paths_;    // guarded by mutex_
  std::weak_ptr<ControlThread> control_; // guarded by mutex_
  Owned<GstRTSPServer> server_;          // guarded by mutex_, like the rest: what runs between start and stop
  Owned<GSocket> socket_;
  Owned<GMainLoop> loop_;
  std::thread thread_;
};

}  // namespace skyline
