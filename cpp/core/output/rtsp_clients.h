// Who is connected to an RTSP server, and what they watch.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "clock/deadline.h"
#include "output/rtsp_handles.h"

namespace skyline {

// What a client can watch. Called on threads of the library.
class RtspWatched {
 public:
  virtual ~RtspWatched() = default;
  virtual bool is_ready() const = 0;        // else a client waits, and is told to come again when that takes too long
  virtual std::uint64_t bytes_sent() const = 0;
  virtual void prepare_join(GstRTSPMedia* media) = 0;  // before the library adds a client: may wait, with a bound
  virtual void note_joined(GstRTSPClient* client, const std::string& address) = 0;
  virtual void note_left(GstRTSPClient* client, const std::string& address) = 0;
};

class RtspClients : public std::enable_shared_from_this<RtspClients> {
 public:
  RtspClients(unsigned max_clients, unsigned session_timeout_s)
      : max_clients_(max_clients), session_timeout_s_(session_timeout_s) {}

  // Marks a media, so that a PLAY finds what is played.
  static void mark(GstRTSPMedia* media, std::weak_ptr<RtspWatched> watched);
  void add_path(const std::string& path, std::weak_ptr<RtspWatched> watched);
  void remove_path(const std::string& path);

  void watch(GstRTSPServer* server);  // every client that connects from now on
  // Twice a second, on the server's thread: sends away who never asked for anything, who reads no more, and
  // who is over the limit.
  void look_after();
  unsigned count() const;
  // Of those that watch it, or of all: whether the kernel has sent everything.
  bool has_sent(const RtspWatched* watched) const;
  // Whether one of those that watch it does so over UDP, where nobody says what has arrived.
  bool has_unheard(const RtspWatched* watched) const;
  void close(const RtspWatched* watched);
  void close_all();
  bool wait_until_none(SteadyClock::time_point until) const;

 private:
  struct Client {
    Owned<GSocket> socket;
    std::string address;
    SteadyClock::time_point connected;
    std::weak_ptr<RtspWatched> watched;  // what it plays
    const RtspWatched* watched_key = nullptr;
    SteadyClock::time_point moved;       // when it last took anything, or had nothing to take
    std::uint64_t taken_bytes = 0;       // by it, at the last look
    std::uint64_t taken_when_level = 0;  // by it, when it last had nothing to take
    std::uint64_t sent_when_level = 0;   // of what it watches, then
    bool is_refused = false;             // over the limit
    bool is_unheard = false;             // plays over UDP
  };

  void add(GstRTSPClient* client);
  void remove(GstRTSPClient* client);
  void play(GstRTSPClient* client, GstRTSPContext* context);
  void leave(GstRTSPClient* client);
  GstRTSPStatusCode check_ready(const GstRTSPContext* context);
  bool wait_until_ready(const std::string& path);
  std::shared_ptr<RtspWatched> watched_at(const std::string& path) const;
  static bool is_too_slow(Client& client, std::uint64_t sent_bytes, SteadyClock::time_point now);

  using Callback = void (*)();
  void connect(gpointer instance, const char* signal, Callback callback);

  const unsigned max_clients_;
  const unsigned session_timeout_s_;
  mutable std::mutex mutex_;
  mutable std::condition_variable gone_;
  std::map<GstRTSPClient*, Client> clients_;                  // guarded by mutex_; each lives until "closed"
  std::map<std::string, std::weak_ptr<RtspWatched>> paths_;   // guarded by mutex_
  unsigned waiting_ = 0;                                      // guarded by mutex_: for a first frame
  bool is_closing_ = false;                                   // guarded by mutex_: nobody waits any longer
};

}  // namespace skyline
