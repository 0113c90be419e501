// Entries of vocabularies as ids and back, for the family tessera_transformer.
#ifndef TESSERA_ENGINE_TOKENIZER_TOKEN_TABLE_H_
#define TESSERA_ENGINE_TOKENIZER_TOKEN_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/family_config.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/vocabulary.h"

namespace tessera::engine {

// Looks tokens up as strings, whatever cut a text into them.
class TokenTable {
 public:
  // One vocabulary for both sides if there is no `target`. Throws Error if a
  // control token is no entry of them.
  TokenTable(FamilyTokenizerConfig config, Vocabulary source,
             std::optional<Vocabulary> target = std::nullopt);

  // The ids of a text's tokens, with the end if the configuration says so. A
  // token that the vocabulary lacks, or that spells a control token, is the
  // unknown one.
  EncodedText Encode(std::span<const std::string_view> tokens) const;

  // The entries of ids up to the first end, without it, the padding, the start
  // and ids that have none. The unknown one stands for itself.
  std::vector<std::string_view> Decode(std::span<const std::int32_t> ids) const;

  std::string Piece(std::int32_t id) const;
  std::string SourcePiece(std::int32_t id) const;
  std::size_t source_size() const { return source_.size(); }
  std::size_t target_size() const { return target().size(); }
  std::int32_t target_end() const { return target().Id(config_.end); }

 private:
  const Vocabulary& target() const { return target_ ? *target_ : source_; }

  const FamilyTokenizerConfig config_;
  const Vocabulary source_;
  const std::optional<Vocabulary> target_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_TOKEN_TABLE_H_
