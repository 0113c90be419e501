// A line on standard error that tells how far the work is.
#ifndef TESSERA_TOOLS_TESSERA_PROGRESS_H_
#define TESSERA_TOOLS_TESSERA_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::tools {

// On a terminal the line is rewritten in place, five times a second at most;
// elsewhere a new one is written every ten seconds.
class Progress {
 public:
  struct Options {
    bool shown = false;
    // What there is to read, if that is known: gives the time left.
    std::optional<std::uint64_t> input_bytes;
    const char* texts = "lines";  // what is counted
  };
  explicit Progress(const Options& options);

  // Counts a text with its output's tokens; `position` is how far in the input
  // it ends.
  void Add(std::size_t tokens, std::uint64_t position);

  // Writes a message about a text on a line of its own, also if no progress is
  // shown: the first ten, the others are counted. A million lines in another
  // encoding are not a million messages, which would hold up a program that
  // reads standard output alone.
  void Report(std::string_view text);

  // Writes how many were not told, and the totals.
  void Finish();

 private:
  using Clock = std::chrono::steady_clock;

  std::string Describe(double seconds) const;
  std::string TimeLeft(double seconds) const;
  void Message(const std::string& text);
  void Show(const std::string& text);
  double Seconds() const;

  Options options_;
  bool terminal_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_;  // when to write again
  std::size_t texts_ = 0;
  std::size_t tokens_ = 0;
  std::size_t reports_ = 0;
  std::uint64_t position_ = 0;
};

// A duration as people read it: "8 s", "3 min 20 s", "2 h 5 min".
std::string FormatDuration(double seconds);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_PROGRESS_H_
