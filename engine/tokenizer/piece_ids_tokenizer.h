// The tokenizers of T5, Pegasus, mBART, NLLB and M2M100: pieces of one
// SentencePiece model, numbered as each family does.
#ifndef TESSERA_ENGINE_TOKENIZER_PIECE_IDS_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_PIECE_IDS_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/piece_numbers.h"
#include "engine/tokenizer/sentencepiece.h"
#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

// The ids and texts of Hugging Face's Python classes (Transformers 4.57, the
// "slow" ones), but where these let a user's text be control tokens:
//
//   Encode  the pieces of the text as ids, </s>, and the language where the
//           scheme has one, cut at added tokens (added_tokens.h), T5's
//           <extra_id_N> among them. Control tokens in a text are text.
//   Decode  the pieces joined, without control tokens, languages, <unk> and ids
//           that have no piece, white space round the text removed, spaces
//           round added tokens.
//
// Languages are those that added_tokens_decoder in tokenizer_config.json lists,
// or else the class's. Without one asked for, the source is src_lang and the
// target tgt_lang of that file. "legacy" of T5 is taken as true, as its class
// does; "legacy_behaviour" of NLLB puts the language last.
class PieceIdsTokenizer final : public Tokenizer {
 public:
  // Reads the model (spiece.model, sentencepiece.bpe.model), vocab.json of
  // M2M100, and tokenizer_config.json if there is one.
  static std::unique_ptr<Tokenizer> Read(const models::ModelFolder& folder,
                                         const PieceScheme& scheme);

  EncodedText Encode(std::string_view text) const override {
    return EncodeFor({}, text);
  }
  EncodedText EncodeFor(const Languages& languages,
                        std::string_view text) const override;
  std::size_t CountIds(std::string_view text) const override;
  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override;
  std::string Piece(std::int32_t id) const override;
  std::optional<std::int32_t> source_unknown() const override {
    return numbers_.unknown;
  }
  std::size_t source_size() const override { return numbers_.size; }
  std::optional<std::int32_t> target_end() const override {
    return numbers_.end;
  }
  std::vector<std::string> languages() const override {
    return numbers_.languages.table.Codes();
  }

 private:
  PieceIdsTokenizer(SentencePiece model, PieceNumbers numbers);

  std::optional<std::string> TextPiece(std::int32_t id) const;
  std::string Join(std::span<const std::int32_t> ids,
                   std::span<const std::string> words) const;
  void EncodePlain(std::string_view text, std::vector<std::int32_t>& ids) const;
  void EncodeText(std::string_view text, std::vector<std::int32_t>& ids) const;

  const SentencePiece model_;
  const PieceNumbers numbers_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIECE_IDS_TOKENIZER_H_
