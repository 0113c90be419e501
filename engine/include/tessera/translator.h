// Text in, text out: the whole of Tessera behind one class.
//
//   tessera::Translator translator("models/bundled/tatoeba-en-fr");
//   std::cout << translator.Translate("Where is the station?").text() << "\n";
#ifndef TESSERA_TRANSLATOR_H_
#define TESSERA_TRANSLATOR_H_

#include <tessera/attention_report.h>
#include <tessera/error.h>
#include <tessera/hypothesis.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera {

// How a model is loaded. The defaults are the fast ones.
struct LoadOptions {
  // Threads for all translations of this Translator together; 0: as many as
  // CPU affinity and the cgroup quota allow.
  std::size_t threads = 0;
  // Type of weights and products: "f32".
  std::string precision = "f32";
  // Sentences that one thread decodes together.
  std::size_t batch_size = 32;
};

// How a text is translated. What is not set comes from the model's
// generation_config.json.
struct TranslateOptions {
  // 1: greedy search, 2 to 64: beam search.
  std::optional<std::size_t> beam_size = {};
  // Beam scores are sums of log-probabilities divided by length^length_penalty,
  // or ((5 + length) / 6)^length_penalty where the model says so ("gnmt");
  // from -10 to 10.
  std::optional<double> length_penalty = {};
  // Longest output in tokens, the decoder's start token counted, as in Hugging
  // Face `generate`; 2 at least.
  std::optional<std::size_t> max_length = {};
};

// What became of one text. Of an empty text, or one of white space only: a
// hypothesis with an empty text, no tokens and the score 0.
struct Translation {
  // Best first: one of greedy search, up to beam_size of beam search. Empty if
  // the translation failed.
  std::vector<Hypothesis> hypotheses;
  std::string error;  // why it failed; empty if it did not

  bool ok() const { return error.empty(); }
  // The best text; empty if the translation failed.
  std::string_view text() const {
    return hypotheses.empty() ? std::string_view()
                              : std::string_view(hypotheses.front().text);
  }
};

// A loaded model with the threads that run it. Any number of threads may call
// the const methods at the same time; the sentences of all calls share the
// translator's threads and batches. A sentence gives the same bits alone, in
// any batch and with any number of threads.
class Translator {
 public:
  // Loads a Hugging Face folder. Throws Error.
  explicit Translator(const std::filesystem::path& folder,
                      const LoadOptions& options = {});
  ~Translator();
  Translator(Translator&&) noexcept;
  Translator& operator=(Translator&&) noexcept;

  // Translates one text, or each text of a list. Throws Error for options out
  // of range; a text that cannot be translated has its error in its result.
  Translation Translate(std::string_view text,
                        const TranslateOptions& options = {}) const;
  std::vector<Translation> Translate(
      std::span<const std::string> texts,
      const TranslateOptions& options = {}) const;

  // Translates texts as `next` gives them, until it gives nullopt, and hands
  // each with its translation to `done` in that order. Both are called from the
  // calling thread. Reads no more than a few batches ahead, so that memory
  // stays bounded on endless input. While `next` waits for a text, finished
  // ones wait as well. An exception of theirs ends the stream and is passed on.
  using Next = std::function<std::optional<std::string>()>;
  using Done = std::function<void(const std::string& text, Translation)>;
  void TranslateStream(const Next& next, const Done& done,
                       const TranslateOptions& options = {}) const;

  // Translates one text, and gives the attention weights with which the model
  // reads it and writes the best hypothesis. They are computed on the calling
  // thread and take 4 bytes for each layer, head, query and key. Throws Error
  // for options out of range and for a text that is empty or cannot be
  // translated.
  AttentionReport Attend(std::string_view text,
                         const TranslateOptions& options = {}) const;

  // Threads in use, after the default was resolved.
  std::size_t threads() const;

  // Facts of the model, name and value, as `tessera inspect` prints them.
  std::vector<std::pair<std::string, std::string>> Describe() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Release of the library: "0.1.0".
std::string_view Version();

}  // namespace tessera

#endif  // TESSERA_TRANSLATOR_H_
