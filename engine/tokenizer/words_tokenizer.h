// The tokenizer of JayParks/transformer and of the first form of
// Kyubyong/transformer: words between white space.
#ifndef TESSERA_ENGINE_TOKENIZER_WORDS_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_WORDS_TOKENIZER_H_

#include <memory>

#include "engine/tokenizer/token_table.h"
#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

// tokenizer_class "TesseraWords".
//
//   Encode  the text in lower case (lower_case), then without what is not Latin
//           (latin_only: KeepLatin), cut at white space. A word that
//           source_vocab.json lacks is unk_token, and so is one that spells a
//           control token.
//   Decode  the words of target_vocab.json up to the first eos_token, joined by
//           spaces, without pad_token and bos_token, white space round them
//           removed. unk_token stays in the text, as published.
//
// Source: JayParks/transformer, preprocess.py and translate.py at a846e90;
// Kyubyong/transformer, tf1.2_legacy/data_load.py at fb023bb.
class WordsTokenizer final : public Tokenizer {
 public:
  // Reads source_vocab.json, target_vocab.json and tokenizer_config.json.
  static std::unique_ptr<Tokenizer> Read(const models::ModelFolder& folder);

  EncodedText Encode(std::string_view text) const override;
  std::string Decode(std::span<const std::int32_t> ids) const override;
  std::string Piece(std::int32_t id) const override { return table_.Piece(id); }
  std::string SourcePiece(std::int32_t id) const override {
    return table_.SourcePiece(id);
  }
  std::size_t source_size() const override { return table_.source_size(); }
  std::size_t target_size() const override { return table_.target_size(); }
  std::optional<std::int32_t> target_end() const override {
    return table_.target_end();
  }

 private:
  WordsTokenizer(const models::ModelFolder& folder,
                 const FamilyTokenizerConfig& config);

  const bool lower_case_;
  const bool latin_only_;
  const TokenTable table_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_WORDS_TOKENIZER_H_
