#include "pipeline/bus_watch.h"

#include <utility>

#include "gst/thread_sanitizer.h"
#include "pipeline/caps_quarrel.h"
#include "report/redact.h"

namespace skyline {
namespace {

const char* domain_name(GQuark domain) {
  if (domain == GST_CORE_ERROR) return "core";
  if (domain == GST_LIBRARY_ERROR) return "library";
  if (domain == GST_RESOURCE_ERROR) return "resource";
  return "stream";
}

Event event_of(const char* kind, const std::string& name, BusError error) {
  Event event;
  event.kind = kind;
  event.output = name;
  event.message = error.element + ": " + error.message;
  event.error = std::move(error);
  return event;
}

}  // namespace

BusError bus_error_from(GstMessage* message, const std::string& description) {
  GError* raw_error = nullptr;
  gchar* raw_debug = nullptr;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
    gst_message_parse_warning(message, &raw_error, &raw_debug);
  } else {
    gst_message_parse_error(message, &raw_error, &raw_debug);
  }
  const GErrorPtr error(raw_error);
  BusError result;
  result.element = GST_MESSAGE_SRC(message) != nullptr ? redact(take_string(gst_object_get_name(GST_MESSAGE_SRC(message)))) : "pipeline";
  result.debug = redact(take_string(raw_debug));
  result.description = description;
  if (error) {
    result.domain = domain_name(error->domain);
    result.code = error->code;
    result.message = redact(error->message);
    if (result.debug.find("not-negotiated") != std::string::npos && GST_IS_ELEMENT(GST_MESSAGE_SRC(message))) {
      const std::string quarrel = redact(caps_quarrel(GST_ELEMENT(GST_MESSAGE_SRC(message))));
      if (!quarrel.empty()) result.message += " (not-negotiated: " + quarrel + ")";
    }
  }
  return result;
}

BusWatch::BusWatch(std::string name, std::string description, std::shared_ptr<Failure> failure, std::shared_ptr<EventQueue> events)
    : name_(std::move(name)), description_(std::move(description)), failure_(std::move(failure)), events_(std::move(events)) {}

void BusWatch::attach(GstElement* pipeline, std::shared_ptr<BusWatch> self) {
  const BusPtr bus = BusPtr::adopt(gst_element_get_bus(pipeline));
  // The bus owns a share of the watch for as long as a message may come.
  auto* held = new std::shared_ptr<BusWatch>(std::move(self));
  SKYLINE_TSAN_RELEASE(held);
  gst_bus_set_sync_handler(
      bus.get(),
      [](GstBus*, GstMessage* message, gpointer data) {
        SKYLINE_TSAN_ACQUIRE(data);
        (*static_cast<std::shared_ptr<BusWatch>*>(data))->handle(message);
        gst_message_unref(message);  // DROP leaves the reference with the handler
        return GST_BUS_DROP;
      },
      held, [](gpointer data) { delete static_cast<std::shared_ptr<BusWatch>*>(data); });
}

void BusWatch::detach(GstElement* pipeline) {
  const BusPtr bus = BusPtr::adopt(gst_element_get_bus(pipeline));
  gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
}

void BusWatch::handle(GstMessage* message) {
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR: handle_error(message); break;
    case GST_MESSAGE_WARNING:
      handle_warning(message);
      if (notice_listener_) notice_listener_(message);
      break;
    case GST_MESSAGE_PROGRESS:
      if (notice_listener_) notice_listener_(message);
      break;
    case GST_MESSAGE_EOS: {
      std::function<void()> listener;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        eos_ = true;
        listener = eos_listener_;
      }
      changed_.notify_all();
      if (listener) listener();
      break;
    }
    case GST_MESSAGE_LATENCY:
      if (latency_listener_) latency_listener_();
      break;
    default: break;
  }
}

void BusWatch::handle_error(GstMessage* message) {
  if (ignores_errors_.load()) return;
  const BusError error = bus_error_from(message, description_);
  if (failure_->latch(error) && tells_failures_) events_->post(event_of("failed", name_, error));
  changed_.notify_all();
}

void BusWatch::handle_warning(GstMessage* message) {
  {
    // A warning per frame would drown everything else: one a second is told.
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto now = SteadyClock::now();
    if (now - last_warning_ < std::chrono::seconds(1)) return;
    last_warning_ = now;
  }
  events_->post(event_of("warning", name_, bus_error_from(message, description_)));
}

void BusWatch::on_eos(std::function<void()> listener) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!eos_) {
      eos_listener_ = std::move(listener);
      return;
    }
  }
  listener();
}

bool BusWatch::saw_eos() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return eos_;
}

bool BusWatch::wait_eos(const Deadline& deadline, const Interrupt& interrupt) {
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait_until(lock, deadline.slice(), [this] { return eos_ || failure_->happened(); });
      if (eos_) return true;
    }
    if (failure_->happened() || deadline.passed()) return false;
    if (interrupt) interrupt();
  }
}

}  // namespace skyline
