// Lines go out by a write each: shorter than PIPE_BUF, so that they stay whole.
#include "tools/serve/log.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::ordered_json;

// "2030-01-31T12:00:00.123Z".
std::string Now() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto parts = std::chrono::duration_cast<std::chrono::milliseconds>(
      now.time_since_epoch());
  std::tm time{};
  gmtime_r(&seconds, &time);
  char text[40], whole[60];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &time);
  std::snprintf(whole, sizeof whole, "%s.%03dZ", text,
                static_cast<int>(parts.count() % 1000));
  return whole;
}

double Milliseconds(double seconds) { return std::round(1e5 * seconds) / 100; }

}  // namespace

std::string LogLine(const Exchange& exchange, const Ending& ending) {
  const Record& record = exchange.record;
  Json line = {{"time", Now()}, {"request_id", exchange.id}};
  const std::string trace = TraceId(exchange.request.Header("traceparent"));
  if (!trace.empty()) line["trace_id"] = trace;
  line["endpoint"] = record.endpoint;
  line["status"] = ending.status;
  if (!record.model.empty()) line["model"] = record.model;
  if (!record.key.empty()) line["key"] = record.key;
  if (record.texts > 0) {
    line["texts"] = record.texts;
    line["output_tokens"] = record.output_tokens;
    line["queue_ms"] = Milliseconds(record.queue_seconds);
  }
  line["total_ms"] = Milliseconds(ending.seconds);
  return Dump(line) + "\n";
}

std::string TraceId(std::string_view traceparent) {
  // 00-32 digits-16 digits-2 digits
  constexpr std::size_t kSize = 55, kBegin = 3, kDigits = 32;
  if (traceparent.size() < kSize || traceparent[2] != '-' ||
      traceparent[35] != '-') {
    return {};
  }
  const std::string_view id = traceparent.substr(kBegin, kDigits);
  const bool fits = std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  return fits ? std::string(id) : std::string();
}

bool WriteLogLine(int descriptor, const std::string& line) {
  pollfd ready = {.fd = descriptor, .events = POLLOUT, .revents = 0};
  return poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) != 0 &&
         write(descriptor, line.data(), line.size()) ==
             static_cast<ssize_t>(line.size());
}

}  // namespace tessera::tools::serve
