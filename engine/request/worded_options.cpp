// Texts of options through the tokenizer.
#include "engine/request/worded_options.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;

class Encoder {
 public:
  Encoder(const TranslateOptions& options, const Tokenizer& tokenizer)
      : languages_{.source = options.source_language,
                   .target = options.target_language},
        tokenizer_(tokenizer) {}

  Ids Encode(std::string_view option, const std::string& text) const {
    Ids ids;
    try {
      ids = tokenizer_.EncodeWords(languages_, text);
    } catch (const TextError& error) {
      throw Error(models::Cat(option, ": ", error.what()));
    }
    if (ids.empty()) {
      models::Refuse(option, "a text of at least one token",
                     models::QuoteText(text));
    }
    return ids;
  }

 private:
  const Languages languages_;
  const Tokenizer& tokenizer_;
};

}  // namespace

bool HasWords(const TranslateOptions& options) {
  return !options.target_prefix_text.empty() ||
         !options.required_texts.empty() || !options.bad_texts.empty();
}

TranslateOptions WithIdsOfWords(const TranslateOptions& options,
                                const Tokenizer& tokenizer) {
  TranslateOptions with = options;
  const Encoder encoder(options, tokenizer);
  if (!options.target_prefix_text.empty()) {
    if (!options.target_prefix.empty()) {
      models::Refuse("target_prefix, target_prefix_text", "one of them",
                     "both");
    }
    with.target_prefix =
        encoder.Encode("target_prefix_text", options.target_prefix_text);
  }
  for (const std::string& text : options.required_texts) {
    with.required_words.push_back(encoder.Encode("required_texts", text));
  }
  for (const std::string& text : options.bad_texts) {
    if (!with.bad_words) with.bad_words.emplace();
    with.bad_words->push_back(encoder.Encode("bad_texts", text));
  }
  with.target_prefix_text.clear();
  with.required_texts.clear();
  with.bad_texts.clear();
  return with;
}

}  // namespace tessera::engine
