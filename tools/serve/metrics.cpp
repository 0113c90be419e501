// The exposition format 0.0.4: a TYPE line and samples.
#include "tools/serve/metrics.h"

#include <sys/resource.h>
#include <tessera/translator.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "models/files/message.h"

namespace tessera::tools::serve {
namespace {

using models::Cat;

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string Number(std::uint64_t value) { return std::to_string(value); }

// 'name="value",'. Values are ours: nothing in them needs an escape.
std::string Label(std::string_view name, std::string_view value) {
  return Cat(name, "=\"", value, "\",");
}

void AddType(std::string_view name, std::string_view type, std::string& text) {
  text += Cat("# TYPE ", name, " ", type, "\n");
}

template <class Value>
void AddSample(std::string_view name, std::string_view labels, Value value,
               std::string& text) {
  if (labels.ends_with(',')) labels.remove_suffix(1);
  text += name;
  if (!labels.empty()) text += Cat("{", labels, "}");
  text += Cat(" ", Number(value), "\n");
}

template <class Value>
void AddOne(std::string_view name, std::string_view type, Value value,
            std::string& text) {
  AddType(name, type, text);
  AddSample(name, "", value, text);
}

void AddProcess(std::string& text) {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  AddOne("process_resident_memory_bytes", "gauge",
         pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)), text);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           1e-6 * static_cast<double>(time.tv_usec);
  };
  AddOne("process_cpu_seconds_total", "counter",
         seconds(usage.ru_utime) + seconds(usage.ru_stime), text);
  std::error_code error;
  std::uint64_t descriptors = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end;
       !error && at != end; at.increment(error)) {
    ++descriptors;
  }
  AddOne("process_open_fds", "gauge", descriptors, text);
}

}  // namespace

void Histogram::Observe(double seconds) {
  ++count_;
  sum_ += seconds;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    if (seconds > kBounds[i]) continue;
    ++counts_[i];
    return;
  }
}

void Histogram::Write(std::string_view name, std::string_view labels,
                      std::string& text) const {
  const std::string bucket = Cat(name, "_bucket");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    below += counts_[i];
    AddSample(bucket, Cat(labels, Label("le", Number(kBounds[i]))), below,
              text);
  }
  AddSample(bucket, Cat(labels, Label("le", "+Inf")), count_, text);
  AddSample(Cat(name, "_sum"), labels, sum_, text);
  AddSample(Cat(name, "_count"), labels, count_, text);
}

void Metrics::CountRequest(const std::string& endpoint, int code,
                           double seconds) {
  ++requests_[{endpoint, std::to_string(code)}];
  seconds_[endpoint].Observe(seconds);
}

void Metrics::CountText(const std::string& model, const std::string& outcome,
                        std::size_t tokens) {
  ++texts_[{model, outcome}];
  tokens_[model] += tokens;
}

std::string Metrics::Text(const Gauges& gauges) const {
  std::string text;
  AddType("tessera_build_info", "gauge", text);
  AddSample("tessera_build_info", Label("version", Version()), std::uint64_t{1},
            text);
  AddType("tessera_model_loaded", "gauge", text);
  for (const auto& [model, precision] : gauges.models) {
    AddSample("tessera_model_loaded",
              Label("model", model) + Label("precision", precision),
              std::uint64_t{1}, text);
  }
  AddType("tessera_requests_total", "counter", text);
  for (const auto& [labels, count] : requests_) {
    AddSample("tessera_requests_total",
              Label("endpoint", labels.first) + Label("code", labels.second),
              count, text);
  }
  AddType("tessera_request_seconds", "histogram", text);
  for (const auto& [endpoint, histogram] : seconds_) {
    histogram.Write("tessera_request_seconds", Label("endpoint", endpoint),
                    text);
  }
  AddType("tessera_queue_seconds", "histogram", text);
  queue_.Write("tessera_queue_seconds", "", text);
  AddType("tessera_texts_total", "counter", text);
  for (const auto& [labels, count] : texts_) {
    AddSample("tessera_texts_total",
              Label("model", labels.first) + Label("outcome", labels.second),
              count, text);
  }
  AddType("tessera_output_tokens_total", "counter", text);
  for (const auto& [model, count] : tokens_) {
    AddSample("tessera_output_tokens_total", Label("model", model), count,
              text);
  }
  AddType("tessera_cancelled_total", "counter", text);
  for (const auto& [reason, count] : cancelled_) {
    AddSample("tessera_cancelled_total", Label("reason", reason), count, text);
  }
  AddType("tessera_reloads_total", "counter", text);
  for (const auto& [outcome, count] : reloads_) {
    AddSample("tessera_reloads_total", Label("outcome", outcome), count, text);
  }
  const auto gauge = [&text](const char* name, std::size_t value) {
    AddOne(name, "gauge", std::uint64_t{value}, text);
  };
  gauge("tessera_in_flight", gauges.requests);
  gauge("tessera_waiting_tokens", gauges.waiting_tokens);
  gauge("tessera_running_texts", gauges.running_texts);
  gauge("tessera_connections", gauges.connections);
  AddOne("tessera_log_lines_dropped_total", "counter", dropped_log_lines_,
         text);
  AddProcess(text);
  return text;
}

}  // namespace tessera::tools::serve
