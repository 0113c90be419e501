// The tokenizer of Kyubyong/transformer: SentencePiece pieces, looked up as
// strings.
#ifndef TESSERA_ENGINE_TOKENIZER_PIECES_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_PIECES_TOKENIZER_H_

#include <memory>

#include "engine/tokenizer/sentencepiece.h"
#include "engine/tokenizer/token_table.h"
#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

// tokenizer_class "TesseraPieces", with one vocabulary for both sides.
//
//   Encode  pieces of bpe.model. White space in a piece, which a model without
//           normalisation leaves there, cuts it again: the published code reads
//           pieces back from a file that has spaces between them. A piece that
//           bpe.vocab lacks is unk_token, and so is one that spells a control
//           token.
//   Decode  the entries up to the first eos_token joined, without pad_token and
//           bos_token, "▁" (U+2581) made a space, white space round it removed.
//           unk_token stays in the text, as published.
//
// Source: Kyubyong/transformer, data_load.py and utils.py at fb023bb.
class PiecesTokenizer final : public Tokenizer {
 public:
  // Reads bpe.model, bpe.vocab (Vocabulary::ReadLines) and
  // tokenizer_config.json.
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
  PiecesTokenizer(SentencePiece model, TokenTable table);

  const SentencePiece model_;
  const TokenTable table_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIECES_TOKENIZER_H_
