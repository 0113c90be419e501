// Texts through a Stream.
#include "tools/tessera/text_run.h"

#include <tessera/error.h>

#include <chrono>
#include <utility>
#include <vector>

#include "tools/tessera/formats/block.h"

namespace tessera::tools {
namespace {

// How often finished outputs are looked for while no input comes.
constexpr std::chrono::milliseconds kPause{2};

// Text that waits for its output, before no more is read: long lines are many
// sentences, of which each takes some kilobytes.
constexpr std::size_t kMaxBytes = std::size_t{1} << 18;

// What waits of a text.
std::size_t BytesOf(const SourceText& text) {
  const bool counts = text.block && text.part == 0;
  return text.text.size() + text.line.size() +
         (counts ? text.block->bytes.size() : 0);
}

bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

// Drops what stands in front of the text, and counts from there.
void CountFrom(std::size_t begin, std::vector<UnknownWord>& words) {
  std::erase_if(words,
                [&](const UnknownWord& word) { return word.begin < begin; });
  for (UnknownWord& word : words) {
    word.begin -= begin;
    word.end -= begin;
  }
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
  Skip();
  while (Read()) {
    while (auto translation = stream_.TryNext()) Write(*std::move(translation));
  }
  stream_.Close();
  while (auto translation = stream_.Next()) Write(*std::move(translation));
  return failed_;
}

void TextRun::Skip() {
  SourceText text;
  for (std::size_t i = 0; i < options_.skipped; ++i) {
    if (source_.Next(text, std::nullopt) == TextSource::Status::kText) continue;
    throw Error(
        "--resume: want the input of the run that was interrupted, "
        "at least " +
        std::to_string(options_.skipped) + " lines, found " +
        std::to_string(i));
  }
}

// Reads a text if one has come. Returns false at the end.
bool TextRun::Read() {
  SourceText text;
  const TextSource::Status status = source_.Next(
      text, pending_.empty() ? std::nullopt : std::optional(kPause));
  if (status == TextSource::Status::kEnd) return false;
  if (status == TextSource::Status::kIdle) return true;
  while (stream_.full() || (!pending_.empty() && pending_bytes_ > kMaxBytes)) {
    Write(*stream_.Next());
  }
  Push(std::move(text));
  return true;
}

// Hands a text to the stream, or in place of one that there is not an empty
// one.
void TextRun::Push(SourceText text) {
  pending_bytes_ += BytesOf(text);
  const std::string read =
      IsBlank(text.text) ? text.text : options_.prefix + text.text;
  try {
    if (text.options && text.error.empty()) {
      stream_.Push(read, *text.options);
    } else {
      stream_.Push(text.error.empty() ? read : "");
    }
  } catch (const Error& error) {  // options out of range
    if (!text.options) throw;
    text.error = error.what();
    stream_.Push("");
  }
  pending_.push_back(std::move(text));
}

void TextRun::Write(Translation translation) {
  const SourceText text = std::move(pending_.front());
  pending_.pop_front();
  pending_bytes_ -= BytesOf(text);
  if (!text.error.empty()) {
    translation = {.error = text.error, .error_kind = ErrorKind::kBadText};
  }
  CountFrom(options_.prefix.size(), translation.unknown);
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
