// What a server counts, in the text format of Prometheus.
#ifndef TESSERA_TOOLS_SERVE_METRICS_H_
#define TESSERA_TOOLS_SERVE_METRICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::tools::serve {

// How many observations were at most so many seconds.
class Histogram {
 public:
  static constexpr std::array<double, 13> kBounds = {
      0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

  void Observe(double seconds);
  // Lines of NAME_bucket, NAME_sum and NAME_count; `labels` is "" or 'a="b",'.
  void Write(std::string_view name, std::string_view labels,
             std::string& text) const;

 private:
  std::array<std::uint64_t, kBounds.size()> counts_ = {};  // not cumulated
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

// What is so at the moment of asking.
struct Gauges {
  std::size_t requests = 0;
  std::size_t waiting_tokens = 0;
  std::size_t running_texts = 0;
  std::size_t connections = 0;
  // With their precisions.
  std::vector<std::pair<std::string, std::string>> models = {};
};

// Labels come from closed sets: endpoints, codes, models; never from requests.
// All on the loop's thread.
class Metrics {
 public:
  void CountRequest(const std::string& endpoint, int code, double seconds);
  // A text: of a model, "ok" or "failed", with the tokens of its outputs.
  void CountText(const std::string& model, const std::string& outcome,
                 std::size_t tokens);
  // A request that was given up: "disconnect" or "time_limit".
  void CountCancelled(const std::string& reason) { ++cancelled_[reason]; }
  void ObserveQueue(double seconds) { queue_.Observe(seconds); }
  void CountReload(bool loaded) { ++reloads_[loaded ? "ok" : "failed"]; }
  void CountDroppedLogLine() { ++dropped_log_lines_; }

  std::string Text(const Gauges& gauges) const;

 private:
  using Labels = std::pair<std::string, std::string>;
  std::map<Labels, std::uint64_t> requests_;  // endpoint, code
  std::map<std::string, Histogram> seconds_;  // endpoint
  std::map<Labels, std::uint64_t> texts_;     // model, outcome
  std::map<std::string, std::uint64_t> tokens_;
  std::map<std::string, std::uint64_t> cancelled_;
  std::map<std::string, std::uint64_t> reloads_ = {{"ok", 0}, {"failed", 0}};
  Histogram queue_;
  std::uint64_t dropped_log_lines_ = 0;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_METRICS_H_
