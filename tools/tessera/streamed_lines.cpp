// One line at a time through Translator::Submit.
#include "tools/tessera/streamed_lines.h"

#include <exception>
#include <future>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "tools/tessera/line_text.h"

namespace tessera::tools {
namespace {

// Writes a line's translation piece by piece, from threads of the translator,
// where nothing may be thrown.
class GrowingLine {
 public:
  GrowingLine(const std::string& source, Output& output)
      : space_(SpaceRound(source)), output_(output) {
    Write(space_.before);
  }

  void Add(std::string_view text) noexcept try {
    if (failure_) return;
    // White space is written with what follows it: at the end of the line the
    // source's own takes its place.
    waiting_ += OneLine(text);
    const OuterSpace space = SpaceRound(waiting_);
    if (space.before.size() == waiting_.size()) return;
    Write(std::string_view(waiting_).substr(
        begun_ ? 0 : space.before.size(),
        waiting_.size() - space.after.size() -
            (begun_ ? 0 : space.before.size())));
    begun_ = true;
    waiting_ = std::string(space.after);
  } catch (...) {
    failure_ = std::current_exception();
    stop_.request_stop();
  }

  // Throws what a write threw.
  void End() {
    if (failure_) std::rethrow_exception(failure_);
    output_.Write(std::string(space_.after) + "\n");
  }

  std::stop_token stop() const { return stop_.get_token(); }

 private:
  void Write(std::string_view text) {
    if (!text.empty()) output_.Write(text);
  }

  const OuterSpace space_;  // of the source
  Output& output_;
  std::string waiting_;
  bool begun_ = false;
  std::exception_ptr failure_;
  std::stop_source stop_;
};

}  // namespace

std::size_t StreamedLines::Run() {
  std::size_t failed = 0;
  SourceText text;
  while (input_.Next(text, std::nullopt) == TextSource::Status::kText) {
    ++texts_;
    Translation translation = Translate(text.text);
    if (!text.error.empty()) {
      translation = {.error = text.error, .error_kind = ErrorKind::kTooLong};
    }
    if (!translation.ok()) {
      ++failed;
      progress_.Report(text.place + ": " + translation.error);
    }
    progress_.Add(
        translation.ok() ? translation.hypotheses.front().ids.size() : 0,
        text.end);
  }
  return failed;
}

Translation StreamedLines::Translate(const std::string& line) {
  GrowingLine growing(line, output_);
  std::promise<Translation> done;
  translator_.Submit(
      line, options_, [&](const Growth& growth) { growing.Add(growth.text); },
      [&](Translation result) { done.set_value(std::move(result)); },
      growing.stop());
  Translation translation = done.get_future().get();
  growing.End();
  return translation;
}

}  // namespace tessera::tools
