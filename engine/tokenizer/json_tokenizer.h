// The tokenizer of a folder that has tokenizer.json and no other files of one.
#ifndef TESSERA_ENGINE_TOKENIZER_JSON_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_JSON_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/language_layout.h"
#include "engine/tokenizer/pipeline/pipeline.h"
#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

// The ids and texts of Hugging Face's "fast" tokenizers (Transformers 4.57),
// but where these let a user's text be control tokens:
//
//   Encode  Pipeline's ids in the frame of tokenizer.json; of classes with
//           languages between these and </s>, as their scheme says: the frame
//           in such files is that of another language.
//           Control tokens in a text are text: bos_token, eos_token, unk_token,
//           sep_token, pad_token, cls_token and mask_token of
//           tokenizer_config.json, "<s>", "<pad>", "</s>", "<unk>", "<mask>"
//           where they are special, and languages. Other added tokens, such as
//           T5's <extra_id_0>, are read.
//   Decode  Pipeline's text, without special tokens and ids that have no piece;
//           "a ." is made "a." only with clean_up_tokenization_spaces.
class JsonTokenizer final : public Tokenizer {
 public:
  static constexpr const char* kFile = "tokenizer.json";

  // Reads tokenizer.json, and tokenizer_config.json if there is one: the roles
  // above, add_prefix_space, added_tokens_decoder, what LanguageLayout reads.
  // `scheme` is that of a class with languages, else nullptr.
  static std::unique_ptr<Tokenizer> Read(const models::ModelFolder& folder,
                                         const PieceScheme* scheme);

  EncodedText Encode(std::string_view text) const override {
    return EncodeFor({}, text);
  }
  EncodedText EncodeFor(const Languages& languages,
                        std::string_view text) const override;
  std::size_t CountIds(std::string_view text) const override;
  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override;
  bool moves_spaces() const override { return clean_up_spaces_; }
  std::string Piece(std::int32_t id) const override;
  std::optional<std::int32_t> source_unknown() const override {
    return unknown_;
  }
  std::size_t source_size() const override { return size_; }
  std::optional<std::int32_t> target_end() const override { return end_; }
  std::vector<std::string> languages() const override {
    return languages_.table.Codes();
  }

 private:
  JsonTokenizer(const models::ModelFolder& folder, const PieceScheme* scheme);

  const Pipeline pipeline_;
  const LanguageLayout languages_;
  std::optional<std::int32_t> end_, unknown_;
  std::size_t size_;
  bool clean_up_spaces_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_JSON_TOKENIZER_H_
