// Progress on standard error.
#include "tools/tessera/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tools/tessera/message.h"

namespace tessera::tools {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTerminalInterval{200};
constexpr milliseconds kFileInterval{10'000};
constexpr std::size_t kMostReports = 10;
constexpr const char* kEraseLine = "\r\x1b[K";

milliseconds Interval(bool terminal) {
  return terminal ? kTerminalInterval : kFileInterval;
}

std::string Rate(std::size_t count, double seconds, const char* what) {
  char text[64];
  std::snprintf(text, sizeof text, ", %.0f %s/s",
                static_cast<double>(count) / std::max(seconds, 1e-3), what);
  return text;
}

}  // namespace

std::string FormatDuration(double seconds) {
  const auto total = static_cast<long long>(std::clamp(seconds, 0.0, 1e9) + .5);
  const auto join = [](long long large, const char* large_unit, long long small,
                       const char* small_unit) {
    return std::to_string(large) + large_unit + std::to_string(small) +
           small_unit;
  };
  if (total >= 3600) {
    return join(total / 3600, " h ", total % 3600 / 60, " min");
  }
  if (total >= 60) return join(total / 60, " min ", total % 60, " s");
  return std::to_string(total) + " s";
}

Progress::Progress(const Options& options)
    : options_(options),
      terminal_(isatty(STDERR_FILENO) == 1),
      next_(start_ + Interval(terminal_)) {}

void Progress::Add(std::size_t tokens, std::uint64_t position) {
  texts_ += 1;
  tokens_ += tokens;
  position_ = position;
  if (!options_.shown || Clock::now() < next_) return;
  Show(Describe(Seconds()) + TimeLeft(Seconds()));
  next_ = Clock::now() + Interval(terminal_);
}

void Progress::Report(std::string_view text) {
  if (++reports_ > kMostReports) return;
  PrintMessage(text, options_.shown && terminal_ ? kEraseLine : "");
}

void Progress::Message(const std::string& text) {
  const char* const erase = options_.shown && terminal_ ? kEraseLine : "";
  std::fprintf(stderr, "%s%s\n", erase, text.c_str());
}

void Progress::Finish() {
  if (reports_ > kMostReports) {
    PrintMessage(std::to_string(reports_ - kMostReports) + " more " +
                     options_.texts + " failed or were cut",
                 options_.shown && terminal_ ? kEraseLine : "");
  }
  if (!options_.shown) return;
  Message(Describe(Seconds()) + " in " + FormatDuration(Seconds()));
}

std::string Progress::Describe(double seconds) const {
  return std::to_string(texts_) + " " + options_.texts +
         Rate(texts_, seconds, options_.texts) +
         Rate(tokens_, seconds, "tokens");
}

std::string Progress::TimeLeft(double seconds) const {
  if (!options_.input_bytes || position_ == 0) return "";
  const auto done = static_cast<double>(position_);
  const auto all = static_cast<double>(*options_.input_bytes);
  return ", " + FormatDuration(seconds * (all - done) / done) + " left";
}

void Progress::Show(const std::string& text) {
  if (terminal_) {
    std::fprintf(stderr, "%s%s", kEraseLine, text.c_str());
    std::fflush(stderr);
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
}

double Progress::Seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

}  // namespace tessera::tools
