#include <pybind11/stl.h>

#include "output/rtsp_server.h"
#include "subjects.h"
#include "waiting.h"

namespace skyline::bindings {
namespace py = pybind11;
namespace {

// As for a lane: the last owner may hold the GIL, and a server's end joins a thread.
void let_go_without_gil(std::shared_ptr<RtspServer>* server) {
  const std::unique_ptr<std::shared_ptr<RtspServer>> owner(server);
  if (PyGILState_Check() == 0) {
    owner->reset();
    return;
  }
  // Safe to release: the server knows no Python object.
  const released_gil unlocked;
  owner->reset();
}

std::shared_ptr<RtspServer> make_server(const RtspSettings& settings, bool is_shared) {
  enter();
  std::shared_ptr<RtspServer> server;
  {
    // Safe to release: reads two files at most, and opens a port.
    const released_gil unlocked;
    server = is_shared ? RtspServer::shared(settings) : RtspServer::create(settings);
  }
  auto* owner = new std::shared_ptr<RtspServer>(std::move(server));
  return {owner->get(), [owner](RtspServer*) { let_go_without_gil(owner); }};
}

void start(RtspServer& server) {
  enter();
  // Safe to release: a name may have to be resolved.
  const released_gil unlocked;
  server.start();
}

void stop(RtspServer& server, double timeout_s) {
  enter();
  // Safe to release: joins the server's thread, which knows no Python.
  const released_gil unlocked;
  server.stop(Deadline::in_seconds(timeout_s), look_for_signals);
}

}  // namespace

void bind_rtsp(py::module_& module) {
  module.def("has_rtsp_server", &RtspServer::is_available);

  py::class_<RtspServer, std::shared_ptr<RtspServer>>(module, "RTSPServer")
      .def(py::init([](std::string address, std::string port, std::vector<std::pair<std::string, std::string>> users,
                       std::string certificate_file, std::string key_file, unsigned max_clients,
                       unsigned session_timeout_s, std::string multicast_address, bool is_shared) {
             return make_server({std::move(address), std::move(port), std::move(users), std::move(certificate_file),
                                 std::move(key_file), max_clients, session_timeout_s, std::move(multicast_address)},
                                is_shared);
           }),
           py::kw_only(), py::arg("address"), py::arg("port"), py::arg("users"), py::arg("certificate_file"),
           py::arg("key_file"), py::arg("max_clients"), py::arg("session_timeout_s"), py::arg("multicast_address"),
           py::arg("is_shared") = false)
      .def("start", &start)
      .def("stop", &stop, py::arg("timeout_s") = 10.0)
      .def_property_readonly("is_running", &RtspServer::is_running)
      .def_property_readonly("port", &RtspServer::port)
      .def_property_readonly("clients", &RtspServer::clients)
      .def(
          "add_launch",
          [](RtspServer& server, const std::string& path, const std::string& launch_text) {
            enter();
            // Safe to release: elements are made, and none of them knows Python.
            const released_gil unlocked;
            server.add_launch(path, launch_text);
          },
          py::arg("path"), py::arg("launch_text"))
      .def(
          "remove_launch",
          [](RtspServer& server, const std::string& path) {
            enter();
            // Safe to release: as for adding.
            const released_gil unlocked;
            return server.remove_launch(path);
          },
          py::arg("path"));
}

}  // namespace skyline::bindings
