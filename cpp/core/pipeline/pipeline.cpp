#include "pipeline/pipeline.h"

#include <atomic>
#include <future>
#include <thread>
#include <utility>

#include "gst/runtime.h"
#include "pipeline/live_element.h"
#include "report/redact.h"

namespace skyline {
namespace {

std::atomic<unsigned> abandoned{0};

// What parse says about an element this machine lacks: no element "x264enc".
std::string missing_element_in(const std::string& message) {
  const auto open = message.find("no element \"");
  if (open == std::string::npos) return "";
  const auto start = open + 12;
  return message.substr(start, message.find('"', start) - start);
}

}  // namespace

unsigned abandoned_pipelines() noexcept { return abandoned.load(); }

struct Pipeline::Closing {
  std::future<void> reached_null;
  std::thread thread;
};

Pipeline::Pipeline(std::string name, std::string description, std::shared_ptr<Failure> failure, std::shared_ptr<EventQueue> events)
    : name_(std::move(name)), description_(std::move(description)), failure_(std::move(failure)) {
  element_ = ElementPtr::adopt(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
  bus_watch_ = std::make_shared<BusWatch>(name_, description_, failure_, std::move(events));
  bus_watch_->attach(element_.get(), bus_watch_);
}

std::unique_ptr<Pipeline> Pipeline::parse(const std::string& launch_text, std::string name, std::shared_ptr<Failure> failure,
                                          std::shared_ptr<EventQueue> events) {
  GError* raw_error = nullptr;
  GstElement* parsed = gst_parse_launch_full(launch_text.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &raw_error);
  const GErrorPtr error(raw_error);
  const ElementPtr owner = parsed != nullptr ? ElementPtr::adopt(GST_ELEMENT(gst_object_ref_sink(parsed))) : ElementPtr();
  if (error || !owner) {
    BusError bus_error;
    bus_error.message = redact(error ? error->message : "nothing to run");
    if (const auto missing = missing_element_in(bus_error.message); !missing.empty()) throw MissingElementError(missing);
    bus_error.element = "description";
    bus_error.domain = "parse";
    bus_error.code = error ? error->code : 0;
    bus_error.description = redact(launch_text);
    throw PipelineError(bus_error);
  }
  auto pipeline = std::make_unique<Pipeline>(std::move(name), redact(launch_text), std::move(failure), std::move(events));
  if (GST_IS_PIPELINE(owner.get())) {
    // Ours is replaced by the parsed one; the bus watch moves over.
    BusWatch::detach(pipeline->element_.get());
    pipeline->element_ = owner;
    pipeline->bus_watch_->attach(owner.get(), pipeline->bus_watch_);
  } else {
    gst_bin_add(pipeline->bin(), owner.get());  // a description of a single element
  }
  return pipeline;
}

Pipeline::~Pipeline() {
  if (forked_after_use()) {
    // The threads of this pipeline stayed in the parent; touching it would hang both.
    element_.release();
    static_cast<void>(closing_.release());
    return;
  }
  shut_down(Deadline(std::chrono::seconds(2)));
}

void Pipeline::change_state(GstState state) {
  if (gst_element_set_state(element_.get(), state) != GST_STATE_CHANGE_FAILURE) return;
  failure_->rethrow();
  throw PipelineError(bus_error(name_, "core", GST_CORE_ERROR_STATE_CHANGE,
                                std::string("refused to become ") + gst_element_state_get_name(state), description_));
}

void Pipeline::pause(const TimeBase& time, GstClockTime zero_ns) {
  time.apply(element_.get(), zero_ns);
  change_state(GST_STATE_PAUSED);
}

void Pipeline::play() { change_state(GST_STATE_PLAYING); }

void Pipeline::play_from(const TimeBase& time, GstClockTime zero_ns) {
  time.apply(element_.get(), zero_ns);
  play();
}

void Pipeline::follow_latency(ControlThread control) {
  const auto weak = std::make_shared<WeakElement>();
  weak->set(element_.get());
  bus_watch_->on_latency([weak, control = std::move(control)]() mutable {
    control.post([weak] {
      if (const ElementPtr element = weak->get()) gst_bin_recalculate_latency(GST_BIN(element.get()));
    });
  });
}

void Pipeline::on_eos(std::function<void()> listener) { bus_watch_->on_eos(std::move(listener)); }
bool Pipeline::saw_eos() const { return bus_watch_->saw_eos(); }
bool Pipeline::wait_eos(const Deadline& deadline, const Interrupt& interrupt) { return bus_watch_->wait_eos(deadline, interrupt); }

void Pipeline::begin_shut_down() {
  if (!element_) return;
  if (ignores_errors_of_shut_down_) bus_watch_->ignore_errors();
  // On a thread of its own, because a sink stuck in the kernel (a FIFO nobody reads, a dead NFS) keeps
  // set_state(NULL) from returning, and this call must. The thread holds the last reference then.
  std::promise<void> reached;
  closing_ = std::make_unique<Closing>();
  closing_->reached_null = reached.get_future();
  closing_->thread = std::thread([element = std::move(element_), done = std::move(reached)]() mutable {
    gst_element_set_state(element.get(), GST_STATE_NULL);
    BusWatch::detach(element.get());
    element.reset();
    done.set_value();
  });
}

bool Pipeline::has_shut_down() const {
  if (!closing_) return !element_;
  return closing_->reached_null.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

bool Pipeline::shut_down(const Deadline& deadline) {
  begin_shut_down();
  const std::unique_ptr<Closing> closing = std::move(closing_);
  if (!closing) return true;
  if (closing->reached_null.wait_for(deadline.left()) == std::future_status::ready) {
    closing->thread.join();
    return true;
  }
  closing->thread.detach();
  ++abandoned;
  return false;
}

}  // namespace skyline
