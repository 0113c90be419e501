// The tokenizer of ByT5: bytes.
#ifndef TESSERA_ENGINE_TOKENIZER_BYTE_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_BYTE_TOKENIZER_H_

#include <memory>

#include "engine/tokenizer/added_tokens.h"
#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

// The ids and texts of Hugging Face's ByT5Tokenizer (Transformers 4.57):
//
//   Encode  each byte b of the text as b + 3, then </s>. <pad>, </s> and <unk>
//           in a text are text; <extra_id_N> is 259 + N, and the folder's other
//           added tokens (added_tokens.h) are ids, too.
//   Decode  the bytes, without those that are not UTF-8, spaces round added
//           tokens.
class ByteTokenizer final : public Tokenizer {
 public:
  // Reads "extra_ids" (125) of tokenizer_config.json if there is one.
  static std::unique_ptr<Tokenizer> Read(const models::ModelFolder& folder);

  EncodedText Encode(std::string_view text) const override;
  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override;
  std::string Piece(std::int32_t id) const override;
  std::optional<std::int32_t> source_unknown() const override;
  std::size_t source_size() const override { return added_.size(); }
  std::optional<std::int32_t> target_end() const override;

 private:
  ByteTokenizer(const models::ModelFolder& folder, std::int32_t extra_ids);

  AddedTokens added_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_BYTE_TOKENIZER_H_
