// A text that the model reads with spans that its output must have unchanged.
#ifndef TESSERA_ENGINE_REQUEST_KEPT_TEXT_H_
#define TESSERA_ENGINE_REQUEST_KEPT_TEXT_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/request/request.h"
#include "engine/tokenizer/pipeline/segment.h"

namespace tessera::engine {

// How more is asked of the workers; what it refers to must outlive them.
struct Asking {
  std::function<std::unique_ptr<Request>(std::string, const RequestOptions&,
                                         Listener)>
      make;
  // From a worker's thread, while it calls a sink.
  std::function<void(Requests&)> push;
  const Tokenizer* tokenizer = nullptr;
};

// Outputs are taken from the first of these that gives one in which all spans
// are kept (KeepPatterns::AreKept):
//   1. the search that was asked for. Models that have seen placeholders copy
//      them, as bench/engine/manners shows of the bundled one.
//   2. a beam search with the spans as required words, which writes what it
//      has not seen ("$1", long URLs) where it fits best.
//   3. what stands between the spans translated by itself, where it has
//      letters, and spans and white space copied.
//   4. the text as it is.
// So the spans are always there. Outputs of n_best that lack one are left out.
// 2 is passed by for what the vocabulary cannot write, and for more than
// kMaxRequiredWords or kMaxRequiredTokens. Of 3 the result is one of several
// sentences (Translation::sentences), the parts; in 4 it has no tokens.
//
// What the listener is told of growth it is told at the end, at once.
class KeptText : public std::enable_shared_from_this<KeptText> {
 public:
  // The request for 1. `options` have patterns, `spans` are of `text`, which is
  // well-formed UTF-8.
  static std::unique_ptr<Request> Ask(Asking asking, std::string text,
                                      std::vector<Range> spans,
                                      const RequestOptions& options,
                                      Listener listener);

 private:
  enum class Way { kFree, kRequired, kParts };
  struct Private {};

 public:
  KeptText(Private, Asking asking, std::string text, std::vector<Range> spans,
           const RequestOptions& options, Listener listener);

 private:
  std::unique_ptr<Request> MakeRequest(std::string text,
                                       const RequestOptions& options,
                                       std::function<void(Translation)> sink);
  std::function<void(Translation)> SinkOf(Way way);
  void Take(Way way, Translation result) noexcept;
  bool AskOf(Way way);
  bool AskRequired();
  bool AskParts();
  void Finish(Translation result);

  const Asking asking_;
  const std::string text_;
  const std::vector<Range> spans_;
  const std::vector<std::string> kept_;  // their texts
  const RequestOptions options_;
  const Listener listener_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
};

// A translation that is the text itself.
Translation CopyOf(std::string text);

// A sink before `sink`, of a whole text that was translated in sentences: if
// together they have not what they have alone, it gives the text itself.
std::function<void(Translation)> CheckWhole(
    std::shared_ptr<const KeepPatterns> patterns, std::string text,
    std::span<const Range> spans, std::function<void(Translation)> sink);

// Sentences, views into `text`, where those that a span stands in or across are
// one.
std::vector<std::string_view> JoinAcross(
    std::string_view text, const std::vector<std::string_view>& sentences,
    std::span<const Range> spans);

// The spans in a part of their text, of which they are the whole or nothing.
std::vector<Range> SpansWithin(std::string_view text, std::string_view part,
                               std::span<const Range> spans);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_KEPT_TEXT_H_
