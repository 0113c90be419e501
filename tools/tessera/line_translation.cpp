// Lines through a Stream.
#include "tools/tessera/line_translation.h"

#include <tessera/error.h>

#include <chrono>
#include <utility>

#include "tools/tessera/alignment_text.h"
#include "tools/tessera/json_output.h"
#include "tools/tessera/line_text.h"

namespace tessera::tools {
namespace {

// How often finished translations are looked for while no input comes.
constexpr std::chrono::milliseconds kPause{2};

// Text that waits for its translation, before no more is read: long lines are
// many sentences, of which each takes some kilobytes.
constexpr std::size_t kMaxBytes = std::size_t{1} << 18;

}  // namespace

LineTranslation::LineTranslation(Stream& stream, LineReader& input,
                                 const LineFormat& format, Output& output,
                                 Progress& progress, const Options& options)
    : stream_(stream),
      input_(input),
      format_(format),
      output_(output),
      progress_(progress),
      options_(options) {}

std::size_t LineTranslation::Run() {
  Skip();
  while (Read()) {
    while (auto translation = stream_.TryNext()) Write(*std::move(translation));
  }
  stream_.Close();
  while (auto translation = stream_.Next()) Write(*std::move(translation));
  return failed_;
}

void LineTranslation::Skip() {
  std::string line;
  for (; lines_ < options_.skipped; ++lines_) {
    if (input_.Next(line, std::nullopt) != LineReader::Status::kEnd) continue;
    throw Error(
        "--resume: want the input of the run that was interrupted, "
        "at least " +
        std::to_string(options_.skipped) + " lines, found " +
        std::to_string(lines_));
  }
}

// Hands a line to the stream if one has come. Returns false at the end.
bool LineTranslation::Read() {
  std::string line;
  const LineReader::Status status = input_.Next(
      line, pending_.empty() ? std::nullopt : std::optional(kPause));
  if (status == LineReader::Status::kEnd) return false;
  if (status == LineReader::Status::kIdle) return true;
  LineContent content;
  if (status == LineReader::Status::kTooLong) {
    content.error = TooLong().error;
  } else {
    content = format_.Read(line, options_.translate);
  }
  Push({.line = std::move(line),
        .text = std::move(content.text),
        .number = ++lines_,
        .end = input_.position_bytes(),
        .error = std::move(content.error)},
       content.options);
  return true;
}

// Hands a line to the stream, or in its place an empty text.
void LineTranslation::Push(Pending line, const TranslateOptions& options) {
  while (stream_.full() || (!pending_.empty() && pending_bytes_ > kMaxBytes)) {
    Write(*stream_.Next());
  }
  pending_bytes_ += line.line.size();
  try {
    if (line.error.empty()) stream_.Push(line.text, options);
  } catch (const Error& error) {  // options out of range
    line.error = error.what();
  }
  if (!line.error.empty()) stream_.Push("");
  pending_.push_back(std::move(line));
}

void LineTranslation::Write(Translation translation) {
  const Pending line = std::move(pending_.front());
  pending_.pop_front();
  pending_bytes_ -= line.line.size();
  if (!line.error.empty()) {
    translation = {.error = line.error, .error_kind = ErrorKind::kBadText};
  }
  output_.Write(Format(line, translation) + "\n");
  if (!translation.ok()) {
    ++failed_;
    progress_.Message("line " + std::to_string(line.number) + ": " +
                      translation.error);
  }
  const bool has_tokens = !translation.hypotheses.empty();
  progress_.Add(has_tokens ? translation.hypotheses.front().ids.size() : 0,
                line.end);
}

std::string LineTranslation::Format(const Pending& line,
                                    const Translation& translation) const {
  if (options_.json) {
    return format_.WriteJson(
        line.line, ToJson(line.text, translation, options_.alignments));
  }
  if (!translation.ok()) return "";
  std::string text = LineText(line.text, translation.text());
  if (options_.alignments != ShownAlignments::kNone) {
    text += " ||| " + AlignmentText(translation, options_.alignments);
  }
  return format_.Write(line.line, text);
}

}  // namespace tessera::tools
