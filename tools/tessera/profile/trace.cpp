// Spans as trace events.
#include "tools/tessera/profile/trace.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tools/tessera/profile/table.h"

namespace tessera::tools {
namespace {

using kernels::Profile;
using Json = nlohmann::ordered_json;
using Time = Profile::Clock::time_point;

class Trace {
 public:
  explicit Trace(Time start) : start_(start) {}

  void Add(const Profile::Span& span) {
    Enclose(span);
    Event(span.operation, span.begin, span.end,
          {{"flop", span.cost.flops},
           {"int8 op", span.cost.integer_ops},
           {"weight bytes", span.cost.weight_bytes},
           {"other bytes", span.cost.bytes}});
  }

  std::string Finish() && {
    Close(0);
    return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n" + events_ +
           "\n]}\n";
  }

 private:
  // A part of the model with all of its operations so far.
  struct Part {
    std::string name;
    Time begin;
    Time end;
  };

  static std::vector<std::string> Path(const Profile::Scope& scope) {
    std::vector<std::string> path;
    if (scope.stack) path.push_back(scope.stack);
    if (scope.layer >= 0) path.push_back(LayerName(scope));
    if (scope.block) path.push_back(scope.block);
    return path;
  }

  // Ends the open parts that the span is not in, and opens those that it is.
  void Enclose(const Profile::Span& span) {
    const std::vector<std::string> path = Path(span.scope);
    std::size_t same = 0;
    while (same < path.size() && same < open_.size() &&
           open_[same].name == path[same]) {
      ++same;
    }
    Close(same);
    for (std::size_t i = same; i < path.size(); ++i) {
      open_.push_back({path[i], span.begin, span.end});
    }
    for (Part& part : open_) part.end = span.end;
  }

  void Close(std::size_t left) {
    for (; open_.size() > left; open_.pop_back()) {
      Event(open_.back().name, open_.back().begin, open_.back().end, {});
    }
  }

  void Event(const std::string& name, Time begin, Time end, Json cost) {
    using Microseconds = std::chrono::duration<double, std::micro>;
    Json event = {{"name", name},
                  {"ph", "X"},
                  {"ts", Microseconds(begin - start_).count()},
                  {"dur", Microseconds(end - begin).count()},
                  {"pid", 1},
                  {"tid", 1}};
    if (!cost.is_null()) event["args"] = std::move(cost);
    if (!events_.empty()) events_ += ",\n";
    events_ += event.dump();
  }

  Time start_;
  std::vector<Part> open_;
  std::string events_;
};

}  // namespace

std::string ToTrace(const engine::ProfiledRun& run) {
  Trace trace(run.begin);
  for (const Profile::Span& span : run.profile.spans()) trace.Add(span);
  return std::move(trace).Finish();
}

}  // namespace tessera::tools
