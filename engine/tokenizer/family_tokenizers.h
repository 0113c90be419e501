// The tokenizers of the family tessera_transformer: entries of vocabularies as
// ids and back, looked up as strings.
#ifndef TESSERA_ENGINE_TOKENIZER_FAMILY_TOKENIZERS_H_
#define TESSERA_ENGINE_TOKENIZER_FAMILY_TOKENIZERS_H_

#include "engine/tokenizer/sentencepiece.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/vocabulary.h"

namespace tessera::engine {

// tokenizer_config.json; its keys are those of models/README.md.
struct FamilyTokenizerConfig {
  // The control tokens: entries of the vocabularies.
  std::string pad;
  std::string unknown;
  std::string begin;
  std::string end;

  bool source_eos = true;   // sources end with `end`
  bool lower_case = false;  // of words
  bool latin_only = false;  // of words

  // Throws Error for an absent control token, an unk_token that is one of the
  // others too, and any key that is not one of tokenizer_class's.
  static FamilyTokenizerConfig Read(const models::ModelFolder& folder);

  bool IsControl(std::string_view entry) const {
    return entry == pad || entry == unknown || entry == begin || entry == end;
  }
};

// Looks tokens up as strings, whatever cut a text into them.
class FamilyTokenizer : public Tokenizer {
 public:
  // With the end of sources if the configuration says so.
  EncodedText Encode(std::string_view text) const override;
  std::vector<std::int32_t> EncodeTarget(const Languages& languages,
                                         std::string_view text) const override;
  std::vector<std::int32_t> EncodeWords(const Languages& languages,
                                        std::string_view text) const override;
  std::string Piece(std::int32_t id) const override;
  std::string SourcePiece(std::int32_t id) const override;
  std::optional<std::int32_t> source_unknown() const override {
    return source_.Id(config_.unknown);
  }
  std::optional<std::int32_t> target_unknown() const override {
    return target().Id(config_.unknown);
  }
  std::size_t source_size() const override { return source_.size(); }
  std::size_t target_size() const override { return target().size(); }
  std::optional<std::int32_t> target_end() const override {
    return target().Id(config_.end);
  }

 protected:
  // One vocabulary for both sides if there is no `target`. Throws Error if a
  // control token is no entry of them.
  FamilyTokenizer(FamilyTokenizerConfig config, Vocabulary source,
                  std::optional<Vocabulary> target = std::nullopt);

  // Cuts a text into tokens. Throws what Encode throws.
  virtual std::vector<std::string> Tokens(std::string_view text) const = 0;

  // The entries of ids up to the first end, without it, the padding, the start
  // and ids that have none. The unknown one stands for itself; words as in
  // DecodeWith.
  std::vector<std::string_view> Entries(
      std::span<const std::int32_t> ids,
      std::span<const std::string> words) const;

  const FamilyTokenizerConfig config_;

 private:
  const Vocabulary& target() const { return target_ ? *target_ : source_; }
  // A token that the vocabulary lacks, or that spells a control token, is the
  // unknown one.
  std::vector<std::int32_t> Ids(std::string_view text,
                                const Vocabulary& vocabulary) const;

  const Vocabulary source_;
  const std::optional<Vocabulary> target_;
};

// tokenizer_class "TesseraWords", of JayParks/transformer and of the first form
// of Kyubyong/transformer: words between white space.
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
class WordsTokenizer final : public FamilyTokenizer {
 public:
  // Reads source_vocab.json, target_vocab.json and tokenizer_config.json.
  static std::unique_ptr<Tokenizer> Read(const models::ModelFolder& folder);

  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override;

 private:
  std::vector<std::string> Tokens(std::string_view text) const override;
  explicit WordsTokenizer(const models::ModelFolder& folder);
};

// tokenizer_class "TesseraPieces", of Kyubyong/transformer: SentencePiece
// pieces, with one vocabulary for both sides.
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
class PiecesTokenizer final : public FamilyTokenizer {
 public:
  // Reads bpe.model, bpe.vocab (Vocabulary::ReadLines) and
  // tokenizer_config.json.
  static std::unique_ptr<Tokenizer> Read(const models::ModelFolder& folder);

  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override;

 private:
  std::vector<std::string> Tokens(std::string_view text) const override;
  explicit PiecesTokenizer(const models::ModelFolder& folder);

  const SentencePiece model_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_FAMILY_TOKENIZERS_H_
