// An RTSP server: its port, who may come in, who watches. What it serves are mounts: outputs of streams, and
// launch text of the user's own.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "clock/deadline.h"
#include "lane/gop_queue.h"
#include "output/output.h"
#include "pipeline/element_spec.h"

namespace skyline {

struct RtspSettings {
  std::string address = "127.0.0.1";
  std::string port = "8554";                                // "0": a free one
  std::vector<std::pair<std::string, std::string>> users;   // name, password; empty lets everybody in
  std::string certificate_file;                             // PEM; with it only rtsps is spoken
  std::string key_file;
  unsigned max_clients = 256;                               // connections at a time
  unsigned session_timeout_s = 30;                          // of a UDP client that says nothing any more
  std::string multicast_address = "239.255.42.1";           // of the group that clients may ask for
};

struct RtspMountSettings {
  std::string name;        // of the output, in events
  std::string path;        // "/camera"
  ChainSpec chain;         // parser ! payloader named "pay0"
  bool on_demand = false;  // no units wanted while nobody watches
  GopQueue::Bounds bounds;
};

// All of it may be called from any thread.
class RtspServer {
 public:
  // False where this was built without gst-rtsp-server; create() throws MissingElementError then.
  static bool is_available();
  // Reads the certificate. Throws SinkError where an address, a certificate or a key is none.
  static std::shared_ptr<RtspServer> create(const RtspSettings& settings);
  // The one of this process on this address and port, started with the first who asks for it and stopped with
  // the last who lets it go. Throws like create() and start().
  static std::shared_ptr<RtspServer> shared(const RtspSettings& settings);
  virtual ~RtspServer() = default;

  // Listens, at once and until stop(); a second start does nothing. Throws PipelineError (domain "resource")
  // where the port is taken.
  virtual void start() = 0;
  // Closes the port and every connection. Mounts stay, and are served again after the next start.
  virtual void stop(const Deadline& deadline, const Interrupt& interrupt) = 0;
  virtual bool is_running() const = 0;
  virtual std::string port() const = 0;  // the real one while it runs
  virtual unsigned clients() const = 0;  // connections

  // Launch text of the user's own, whose payloaders are pay0, pay1… Throws SinkError for a path in use.
  virtual void add_launch(const std::string& path, const std::string& launch_text) = 0;
  // False where no launch text is served there. Who watches it already may go on.
  virtual bool remove_launch(const std::string& path) = 0;

  // An output that is served under its path, whether the server runs or not. Throws SinkError for a path in
  // use, MissingElementError.
  virtual std::shared_ptr<Output> add_mount(RtspMountSettings mount, const OutputContext& context) = 0;
};

}  // namespace skyline
