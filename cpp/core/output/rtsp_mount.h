// An output that is a mount of an RTSP server: one media, shared by all its clients and kept prepared.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "output/output.h"
#include "output/rtsp_clients.h"
#include "output/rtsp_feed.h"
#include "output/rtsp_media_factory.h"
#include "output/rtsp_server.h"

namespace skyline {

class GstRtspServer;

class RtspMount : public Output, public RtspMediaSource, public RtspWatched {
 public:
  RtspMount(RtspMountSettings settings, const OutputContext& context, std::shared_ptr<GstRtspServer> server);
  ~RtspMount() override;

  // Makes its elements once, so that a missing one speaks at once, and mounts. Throws MissingElementError, SinkError.
  void open();

  // The fan-out's
  void consume(const Unit& unit) override;
  void end_of_units() override;
  bool wants_units() const override;

  // The stream's
  State state() const override;
  OutputStats stats() const override;

  // The media factory's
  bool is_primed() const override { return feed_->is_primed(); }
  ElementPtr make_bin() override;
  void set_up(GstElement* pipeline) override;
  void media_made(GstRTSPMedia* media) override;

  // The clients'
  bool is_ready() const override { return state() == State::live; }
  std::uint64_t bytes_sent() const override { return feed_->stats().bytes_sent; }
  void prepare_join(GstRTSPMedia* media) override;
  void note_joined(GstRTSPClient* client, const std::string& address) override;
  void note_left(GstRTSPClient* client, const std::string& address) override;

 protected:
  bool wait_settled(SteadyClock::time_point until) override;
  void begin_abort() override;
  void end_abort() override {}

 private:
  std::shared_ptr<RtspMount> self() { return std::static_pointer_cast<RtspMount>(shared_from_this()); }
  void prepare();  // on the server's control thread, like conclude()
  void conclude();
  void wait_until_sent(const GstRtspServer& server);
  void request_key_unit();
  void fail(const std::string& message);

  const RtspMountSettings settings_;
  const std::shared_ptr<RtspFeed> feed_;
  Owned<GstRTSPMediaFactory> factory_;
  bool is_mounted_ = false;  // set once, in open()
  Owned<GstRTSPMedia> media_;  // the server's control thread alone

  std::mutex asking_mutex_;  // while the fan-out is asked for a key unit, it lives
  bool has_ended_ = false;  // guarded by asking_mutex_

  mutable std::mutex mutex_;
  std::condition_variable settled_changed_;
  std::shared_ptr<GstRtspServer> server_;  // guarded by mutex_, as the next; both let go at the end
  std::shared_ptr<ControlThread> work_;  // the server's
  std::set<GstRTSPClient*> watchers_;  // guarded by mutex_; names, not references
  State state_ = State::connecting;  // guarded by mutex_
  bool asked_to_prepare_ = false;  // guarded by mutex_
  bool is_aborted_ = false;  // guarded by mutex_
};

}  // namespace skyline
