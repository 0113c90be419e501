// Texts through a Stream.
#include "tools/tessera/text_run.h"

#include <chrono>
#include <utility>

namespace tessera::tools {
namespace {

// How often finished outputs are looked for while no input comes.
constexpr std::chrono::milliseconds kPause{2};

bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

TextRun::TextRun(Stream& stream, TextSource& source, TextWriter& writer,
                 Progress& progress, Options options)
    : stream_(stream),
      source_(source),
      writer_(writer),
      progress_(progress),
      options_(std::move(options)) {}

std::size_t TextRun::Run() {
  while (Read()) {
    while (auto translation = stream_.TryNext()) Write(*std::move(translation));
  }
  stream_.Close();
  while (auto translation = stream_.Next()) Write(*std::move(translation));
  return failed_;
}

// Hands a text to the stream if one has come. Returns false at the end.
bool TextRun::Read() {
  SourceText text;
  const TextSource::Status status = source_.Next(
      text, pending_.empty() ? std::nullopt : std::optional(kPause));
  if (status == TextSource::Status::kEnd) return false;
  if (status == TextSource::Status::kIdle) return true;
  if (stream_.full()) Write(*stream_.Next());
  stream_.Push(IsBlank(text.text) ? text.text : options_.prefix + text.text);
  pending_.push_back(std::move(text));
  return true;
}

void TextRun::Write(Translation translation) {
  const SourceText text = std::move(pending_.front());
  pending_.pop_front();
  if (!text.error.empty()) {
    translation = {.error = text.error, .error_kind = ErrorKind::kBadText};
  }
  writer_.Write(text, translation);
  ++texts_;
  Report(text, translation);
  const bool has_tokens = !translation.hypotheses.empty();
  progress_.Add(has_tokens ? translation.hypotheses.front().ids.size() : 0,
                text.end);
}

void TextRun::Report(const SourceText& text, const Translation& translation) {
  if (translation.truncated_tokens > 0) {
    progress_.Report(text.place + ": cut, " +
                     std::to_string(translation.truncated_tokens) +
                     " tokens were not read");
  }
  if (translation.ok()) return;
  ++failed_;
  const bool can_be_cut = !options_.truncates &&
                          translation.error_kind == ErrorKind::kTooLong &&
                          text.text.size() <= kMaxTextBytes;
  progress_.Report(text.place + ": " + translation.error +
                   (can_be_cut ? " (--truncate cuts it)" : ""));
}

}  // namespace tessera::tools
