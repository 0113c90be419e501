// TranslationStream over Translator::TranslateStream.
#include "tools/tessera/translation_stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tools/tessera/json_output.h"

namespace tessera::tools {
namespace {

// How long a pause in the input is waited out before the lines that have come
// are finished. Workers go on meanwhile; only the start of more work waits.
constexpr std::chrono::milliseconds kPause{20};

// One line, whatever the vocabulary's pieces hold.
std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::replace(line.begin(), line.end(), '\r', ' ');
  return line;
}

}  // namespace

TranslationStream::TranslationStream(const Translator& translator,
                                     LineReader& input, Output& output,
                                     Progress& progress, const Options& options)
    : translator_(translator),
      input_(input),
      output_(output),
      progress_(progress),
      options_(options) {}

std::size_t TranslationStream::Run() {
  while (!ended_) {
    translator_.TranslateStream(
        [this] { return Read(); },
        [this](const std::string& source, Translation translation) {
          Write(source, std::move(translation));
        },
        options_.translate);
  }
  return failed_;
}

std::optional<std::string> TranslationStream::Read() {
  std::string line;
  const LineReader::Status status = input_.Next(
      line, pending_.empty() ? std::nullopt : std::optional(kPause));
  if (status == LineReader::Status::kEnd) ended_ = true;
  if (status == LineReader::Status::kEnd ||
      status == LineReader::Status::kIdle) {
    return std::nullopt;
  }
  std::string error;
  if (status == LineReader::Status::kTooLong) {
    error = "want at most " + std::to_string(LineReader::kMaxLineBytes) +
            " bytes, found more";
  }
  pending_.push_back({.number = ++lines_,
                      .end = input_.position_bytes(),
                      .error = std::move(error)});
  return line;
}

void TranslationStream::Write(const std::string& source,
                              Translation translation) {
  const Pending line = std::move(pending_.front());
  pending_.pop_front();
  if (!line.error.empty())
    translation = {.hypotheses = {}, .error = line.error};
  output_.Write((options_.json ? ToJson(source, translation)
                               : OneLine(translation.text())) +
                "\n");
  if (!translation.ok()) {
    ++failed_;
    progress_.Message("line " + std::to_string(line.number) + ": " +
                      translation.error);
  }
  const bool has_tokens = !translation.hypotheses.empty();
  progress_.Add(has_tokens ? translation.hypotheses.front().ids.size() : 0,
                line.end);
}

}  // namespace tessera::tools
