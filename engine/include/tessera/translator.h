// Text in, text out: the whole of Tessera behind one class.
//
//   tessera::Translator translator("models/bundled/tatoeba-en-fr");
//   std::cout << translator.Translate("Where is the station?").text() << "\n";
#ifndef TESSERA_TRANSLATOR_H_
#define TESSERA_TRANSLATOR_H_

#include <tessera/attention_report.h>
#include <tessera/error.h>
#include <tessera/export.h>
#include <tessera/options.h>
#include <tessera/translation.h>

#include <cstddef>
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

// A loaded model with the threads that run it. Any number of threads may call
// the const methods at the same time; the sentences of all calls share the
// translator's threads and batches. A sentence gives the same bits alone, in
// any batch and with any number of threads.
class TESSERA_API Translator {
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
TESSERA_API std::string_view Version();

}  // namespace tessera

#endif  // TESSERA_TRANSLATOR_H_
