// The tokenizer of Marian models (OPUS-MT): SentencePiece pieces, numbered by
// vocab.json.
#ifndef TESSERA_ENGINE_TOKENIZER_MARIAN_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_MARIAN_TOKENIZER_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/added_tokens.h"
#include "engine/tokenizer/sentencepiece.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/vocabulary.h"

namespace tessera::engine {

// The same ids and texts as Hugging Face's MarianTokenizer (Transformers 4.57)
// but where that lets a user's text be control tokens:
//
//   Encode  [code] pieces of source.spm, </s>, cut at added tokens
//           (added_tokens.h). A piece that vocab.json lacks is <unk>. The code
//           is what stands between ">>" at the very start of the text, or
//           behind an added token, and the first "<<", both included
//           (">>fr<<"), if vocab.json has that; other text is text.
//           "</s>", "<pad>" and "<unk>" in a text are text. A target language
//           that is asked for is a code of the vocabulary without its marks.
//   EncodeTarget, EncodeWords  the same by target.spm and the vocabulary of
//           outputs.
//   Decode  the pieces of target.spm joined, without </s>, <unk>, <pad> and ids
//           that the vocabulary lacks, white space round it removed, spaces
//           round added tokens; "a ." is made "a." only if
//           tokenizer_config.json sets clean_up_tokenization_spaces.
//
// "eos_token", "unk_token" and "pad_token" of tokenizer_config.json may name
// other entries for </s>, <unk> and <pad>.
//
// With "separate_vocabs": true in tokenizer_config.json the ids of outputs are
// those of target_vocab.json. Hugging Face drops from such outputs the ids that
// vocab.json, not target_vocab.json, gives to </s>, <unk> and <pad>; here it is
// the target's own.
class MarianTokenizer final : public Tokenizer {
 public:
  // Reads source.spm, target.spm, vocab.json, target_vocab.json where the
  // vocabularies are separate, and what is there of tokenizer_config.json,
  // added_tokens.json and special_tokens_map.json.
  static std::unique_ptr<Tokenizer> Read(const models::ModelFolder& folder);

  EncodedText Encode(std::string_view text) const override;
  EncodedText EncodeFor(const Languages& languages,
                        std::string_view text) const override;
  std::vector<std::int32_t> EncodeTarget(const Languages& languages,
                                         std::string_view text) const override;
  std::vector<std::int32_t> EncodeWords(const Languages& languages,
                                        std::string_view text) const override;
  std::vector<std::string> languages() const override {
    return languages_.Codes();
  }
  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override;
  bool moves_spaces() const override { return config_.clean_up_spaces; }
  std::string Piece(std::int32_t id) const override;
  std::string SourcePiece(std::int32_t id) const override;
  std::optional<std::int32_t> source_unknown() const override {
    return unknown_.source;
  }
  std::optional<std::int32_t> target_unknown() const override {
    return unknown_.target;
  }
  std::size_t source_size() const override {
    return std::max(source_.size(), added_.size());
  }
  std::size_t target_size() const override {
    return std::max(target().size(), added_.size());
  }

 private:
  struct Config {
    bool separate_vocabularies = false;
    bool clean_up_spaces = false;
    std::string end, unknown, pad;  // names
    bool IsControl(std::string_view piece) const {
      return piece == end || piece == unknown || piece == pad;
    }
  };
  static Config ReadConfig(const models::ModelFolder& folder);

  MarianTokenizer(const models::ModelFolder& folder, const Config& config);

  const Vocabulary& target() const {
    return separate_target_ ? *separate_target_ : source_;
  }
  // What the pieces of a text come from.
  struct Side {
    const SentencePiece* model;
    const Vocabulary* vocabulary;
    std::int32_t unknown;  // where the vocabulary lacks a piece
  };

  void FindLanguages();
  // Throws Error if there is none.
  std::int32_t ControlId(const Vocabulary& vocabulary,
                         const std::string& name) const;
  // Adds the ids of a text between added tokens.
  void EncodePlain(std::string_view text, const Side& side,
                   std::vector<std::int32_t>& ids) const;
  // The ids of a text's pieces, without an end.
  std::vector<std::int32_t> TextIds(std::string_view text,
                                    const SentencePiece& model,
                                    const Vocabulary& vocabulary) const;

  const Config config_;
  const SentencePiece::Pair models_;
  const Vocabulary source_;
  const std::optional<Vocabulary> separate_target_;
  AddedTokens added_;
  LanguageTable languages_;  // ">>fr<<" as fr
  std::int32_t end_ = 0;     // of sources
  struct {
    std::int32_t source = 0, target = 0;
  } unknown_;
  std::vector<std::int32_t> controls_;  // ids that outputs leave out
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_MARIAN_TOKENIZER_H_
