// The tokenizer of Blenderbot-small: words in lower case, in pieces that "@@"
// joins.
#ifndef TESSERA_ENGINE_TOKENIZER_BLENDERBOT_SMALL_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_BLENDERBOT_SMALL_TOKENIZER_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tokenizer/added_tokens.h"
#include "engine/tokenizer/pair_merges.h"
#include "engine/tokenizer/seeded_hash.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/vocabulary.h"

namespace tessera::engine {

// The ids and texts of Hugging Face's BlenderbotSmallTokenizer (Transformers
// 4.57), but where that lets a user's text be control tokens:
//
//   Encode  words between white space, cut before . , ! ? ( ) and round ', in
//           lower case, each merged from its characters, of which the last has
//           "</w>". A line end behind a word is "__newln__". No token stands
//           round them. A piece that vocab.json lacks, or that spells a control
//           token, is the unknown one. Added tokens are cut out before.
//   Decode  the pieces with spaces between them, "@@ " taken out, without
//           control tokens and ids that have none, white space round it
//           removed.
class BlenderbotSmallTokenizer final : public Tokenizer {
 public:
  // Reads vocab.json, merges.txt and, if there is one, tokenizer_config.json:
  // the names of control tokens (__start__, __end__, __unk__, __null__) and
  // clean_up_tokenization_spaces.
  static std::unique_ptr<Tokenizer> Read(const models::ModelFolder& folder);

  EncodedText Encode(std::string_view text) const override;
  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override;
  std::string Piece(std::int32_t id) const override;
  std::optional<std::int32_t> source_unknown() const override {
    return unknown_;
  }
  std::size_t source_size() const override {
    return std::max(vocabulary_.size(), added_.size());
  }
  std::optional<std::int32_t> target_end() const override { return end_; }

 private:
  explicit BlenderbotSmallTokenizer(const models::ModelFolder& folder);

  PairMerges::Symbol Intern(std::string_view symbol);
  std::vector<std::string> Merge(std::string_view word) const;
  std::int32_t Id(std::string_view piece) const;
  // Those of a text without added tokens.
  void AddIds(std::string_view text, std::vector<std::int32_t>& ids) const;

  const Vocabulary vocabulary_;
  PairMerges merges_;
  std::vector<std::string> symbols_;  // those of merges
  std::unordered_map<std::string, PairMerges::Symbol, SeededHash> numbers_;
  AddedTokens added_;
  std::set<std::int32_t> control_;
  std::int32_t end_ = 0;
  std::int32_t unknown_ = 0;
  bool clean_up_spaces_ = false;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_BLENDERBOT_SMALL_TOKENIZER_H_
