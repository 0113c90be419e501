// Lines through a Stream.
#include "tools/tessera/line_translation.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tools/tessera/json_output.h"

namespace tessera::tools {
namespace {

// How often finished translations are looked for while no input comes.
constexpr std::chrono::milliseconds kPause{2};

// One line, whatever the vocabulary's pieces hold.
std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::replace(line.begin(), line.end(), '\r', ' ');
  return line;
}

}  // namespace

LineTranslation::LineTranslation(Stream& stream, LineReader& input,
                                 Output& output, Progress& progress,
                                 const Options& options)
    : stream_(stream),
      input_(input),
      output_(output),
      progress_(progress),
      options_(options) {}

std::size_t LineTranslation::Run() {
  while (Read()) {
    while (auto translation = stream_.TryNext()) Write(*std::move(translation));
  }
  stream_.Close();
  while (auto translation = stream_.Next()) Write(*std::move(translation));
  return failed_;
}

// Hands a line to the stream if one has come. Returns false at the end.
bool LineTranslation::Read() {
  std::string line;
  const LineReader::Status status = input_.Next(
      line, pending_.empty() ? std::nullopt : std::optional(kPause));
  if (status == LineReader::Status::kEnd) return false;
  if (status == LineReader::Status::kIdle) return true;
  if (stream_.full()) Write(*stream_.Next());
  pending_.push_back({.text = line,
                      .number = ++lines_,
                      .end = input_.position_bytes(),
                      .too_long = status == LineReader::Status::kTooLong});
  stream_.Push(std::move(line));
  return true;
}

void LineTranslation::Write(Translation translation) {
  const Pending line = std::move(pending_.front());
  pending_.pop_front();
  if (line.too_long) {
    translation = {.error = "want at most " +
                            std::to_string(LineReader::kMaxLineBytes) +
                            " bytes, found more",
                   .error_kind = ErrorKind::kTooLong};
  }
  output_.Write((options_.json ? ToJson(line.text, translation)
                               : OneLine(translation.text())) +
                "\n");
  if (!translation.ok()) {
    ++failed_;
    progress_.Failure("line " + std::to_string(line.number) + ": " +
                      translation.error);
  }
  const bool has_tokens = !translation.hypotheses.empty();
  progress_.Add(has_tokens ? translation.hypotheses.front().ids.size() : 0,
                line.end);
}

}  // namespace tessera::tools
