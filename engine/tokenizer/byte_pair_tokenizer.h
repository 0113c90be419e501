// The tokenizers of BART and Blenderbot: byte-level byte-pair encoding.
#ifndef TESSERA_ENGINE_TOKENIZER_BYTE_PAIR_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_BYTE_PAIR_TOKENIZER_H_

#include <memory>
#include <set>
#include <vector>

#include "engine/tokenizer/added_tokens.h"
#include "engine/tokenizer/byte_pairs.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/vocabulary.h"

namespace tessera::engine {

// The ids and texts of Hugging Face's Python classes (Transformers 4.57), but
// where these let a user's text be control tokens:
//
//   Encode  [<s>] tokens of words, </s>; a token that vocab.json lacks is
//           <unk>. Texts are cut at added tokens (added_tokens.h); control
//           tokens in a text are text.
//   Decode  the bytes of the tokens without control tokens and ids that have
//           none, spaces round added tokens; what is not UTF-8 becomes U+FFFD.
class BytePairTokenizer final : public Tokenizer {
 public:
  // Read vocab.json, merges.txt and "add_prefix_space" of tokenizer_config.json
  // if there is one. Only BART's texts begin with <s>.
  static std::unique_ptr<Tokenizer> ReadBart(const models::ModelFolder& folder);
  static std::unique_ptr<Tokenizer> ReadBlenderbot(
      const models::ModelFolder& folder);

  EncodedText Encode(std::string_view text) const override;
  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override;
  std::string Piece(std::int32_t id) const override;
  std::optional<std::int32_t> source_unknown() const override {
    return unknown_;
  }
  std::size_t source_size() const override { return size_; }
  std::optional<std::int32_t> target_end() const override { return end_; }

 private:
  BytePairTokenizer(const models::ModelFolder& folder, bool opens);

  const Vocabulary vocabulary_;
  const BytePairs pairs_;
  bool opens_;                      // texts begin with <s>
  bool add_space_ = false;          // and a space, where they have none
  std::set<std::int32_t> control_;  // ids that Decode leaves out
  AddedTokens added_;
  std::int32_t end_;
  std::int32_t unknown_;
  std::size_t size_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_BYTE_PAIR_TOKENIZER_H_
