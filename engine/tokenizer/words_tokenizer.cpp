// WordsTokenizer: Python's str.lower and str.split.
#include "engine/tokenizer/words_tokenizer.h"

#include "engine/tokenizer/text.h"

namespace tessera::engine {

std::unique_ptr<Tokenizer> WordsTokenizer::Read(
    const models::ModelFolder& folder) {
  return std::unique_ptr<WordsTokenizer>(
      new WordsTokenizer(folder, FamilyTokenizerConfig::Read(folder)));
}

WordsTokenizer::WordsTokenizer(const models::ModelFolder& folder,
                               const FamilyTokenizerConfig& config)
    : lower_case_(config.lower_case),
      latin_only_(config.latin_only),
      table_(config, Vocabulary::Read(folder.File("source_vocab.json")),
             Vocabulary::Read(folder.File("target_vocab.json"))) {}

EncodedText WordsTokenizer::Encode(std::string_view text) const {
  CheckText(text);
  std::string normal(text);
  if (lower_case_) normal = LowerCase(normal);
  if (latin_only_) normal = KeepLatin(normal);
  return table_.Encode(SplitSpace(normal));
}

std::string WordsTokenizer::Decode(std::span<const std::int32_t> ids) const {
  std::string text;
  for (const std::string_view word : table_.Decode(ids)) {
    text.append(word).append(" ");
  }
  return std::string(StripSpace(text));
}

}  // namespace tessera::engine
