// Text in, text out: the whole of Tessera behind one class.
//
//   tessera::Translator translator("models/bundled/tatoeba-en-fr");
//   std::cout << translator.Translate("Where is the station?").text() << "\n";
//
// <tessera/stream.h> translates endless input, <tessera/attention_report.h>
// tells what the model looks at.
#ifndef TESSERA_TRANSLATOR_H_
#define TESSERA_TRANSLATOR_H_

#include <tessera/error.h>
#include <tessera/export.h>
#include <tessera/model_info.h>
#include <tessera/options.h>
#include <tessera/translation.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <initializer_list>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

namespace engine {
struct Access;
}

// A source and an output, a text or, where they are given, its ids with the
// end-of-sentence and without the start token. Neither is split.
struct ScorePair {
  std::string source = {};
  std::string target = {};
  std::vector<std::int32_t> target_ids = {};
};

// A loaded model with the threads that run it. Any number of threads may call
// the const methods at the same time; the texts of all calls share the
// translator's threads and batches. A text gives the same bits alone, in any
// batch and with any number of threads. One that was moved from throws Error
// from every method, until another is moved into it.
//
// The methods that translate throw Error for options out of range, and
// std::bad_alloc if a call cannot even begin. A text that cannot be translated
// has its error in its result.
class TESSERA_API Translator {
 public:
  // Loads a Hugging Face folder. Throws Error; std::bad_alloc if the model does
  // not fit into memory.
  explicit Translator(const std::filesystem::path& folder,
                      const LoadOptions& options = {});
  // Refuses new calls with Error, and waits for what has been submitted. In a
  // fork of the process that loaded it all calls throw Error and the destructor
  // does not wait: load a model there.
  ~Translator();
  Translator(Translator&&) noexcept;
  Translator& operator=(Translator&&) noexcept;

  Translation Translate(std::string_view text,
                        const TranslateOptions& options = {}) const;
  // A list in braces goes to TranslateAll; two literals would be the two ends
  // of one string_view.
  Translation Translate(std::initializer_list<std::string_view> texts,
                        const TranslateOptions& options = {}) const = delete;

  // Translates each text of a list.
  std::vector<Translation> TranslateAll(
      std::span<const std::string> texts,
      const TranslateOptions& options = {}) const;
  std::vector<Translation> TranslateAll(
      std::initializer_list<std::string_view> texts,
      const TranslateOptions& options = {}) const;

  // How probable outputs are that are known: results with one hypothesis each,
  // the target, with the log-probability of each of its tokens after those
  // before it; the score is their sum. One pass of the decoder a pair. Of the
  // options only languages, and the beam size: as in greedy search (1) tokens
  // that the model's folder rules out have no share of the probability, as in
  // beam search they have theirs. Pairs that have not begun when a stop is
  // requested are given up with ErrorKind::kCancelled.
  std::vector<Translation> Score(std::span<const ScorePair> pairs,
                                 const TranslateOptions& options = {},
                                 std::stop_token stop = {}) const;

  // Has a text translated and returns at once. `done` is called once, from a
  // thread of the translator: it must return soon, must not throw and must not
  // destroy the translator. After a stop was requested the text is given up
  // with ErrorKind::kCancelled: before it begins, or before its next token.
  // Texts beside it keep their bits. The other form gives a future instead.
  using Done = std::function<void(Translation)>;
  void Submit(std::string text, const TranslateOptions& options, Done done,
              std::stop_token stop = {}) const;
  std::future<Translation> Submit(std::string text,
                                  const TranslateOptions& options = {},
                                  std::stop_token stop = {}) const;

  // The same, telling `grows` of the best output while it comes: the texts
  // told, one after another, are the text of the translation, if it does not
  // fail. Of a text that is split the sentences come one after another. Calls
  // follow one another and end before that of `done`; what is said of `done`
  // holds for `grows`, too. A stop requested in a call takes effect before the
  // next token.
  using Grows = std::function<void(const Growth&)>;
  void Submit(std::string text, const TranslateOptions& options, Grows grows,
              Done done, std::stop_token stop = {}) const;

  // Throws the Error with which the methods above refuse options.
  void Check(const TranslateOptions& options) const;

  // Tokens that the model reads of a text, its end-of-sentence included; up to
  // info().max_source_tokens can be translated. Throws Error for a text that is
  // not UTF-8 or longer than kMaxTextBytes.
  std::size_t CountTokens(std::string_view text) const;

  const ModelInfo& info() const;

  // Threads in use, after the default was resolved.
  std::size_t threads() const;

 private:
  friend struct engine::Access;  // the library's own way in
  struct Impl;
  explicit Translator(std::unique_ptr<Impl> impl) noexcept;
  Impl& impl() const;

  std::unique_ptr<Impl> impl_;
};

// Release of the library: "0.1.0".
TESSERA_API std::string_view Version();

}  // namespace tessera

#endif  // TESSERA_TRANSLATOR_H_
