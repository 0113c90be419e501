// Text to token ids and back: the interface of every tokenizer.
#ifndef TESSERA_ENGINE_TOKENIZER_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/languages.h"
#include "engine/tokenizer/truncation.h"
#include "models/files/model_folder.h"

namespace tessera::engine {

// A text as a model reads it.
struct EncodedText {
  std::vector<std::int32_t> ids;  // source tokens with end-of-sentence
  bool empty = false;  // nothing to translate: no token but that, if any
  // How many of the ids, in front and at the end, are control tokens and
  // languages that stand round the text.
  std::size_t opening = 0;
  std::size_t closing = 1;
  // What the decoder is to start with and to write first, where the text or its
  // language says so and not the model.
  std::vector<std::int32_t> prompt = {};
  std::optional<std::int32_t> forced_first = {};
};

// Immutable: any number of threads may use one tokenizer.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Throws TextError if the text is not UTF-8 or longer than kMaxTextBytes: see
  // the cost of SentencePiece::Encode. Control
  // tokens spelled out in the text ("</s>") are text.
  virtual EncodedText Encode(std::string_view text) const = 0;

  // The same from one language to another. Throws TextError for languages that
  // the model does not have, and for a target that only the caller can name.
  virtual EncodedText EncodeFor(const Languages& languages,
                                std::string_view text) const;

  // The ids of a text as an output of the model, with end-of-sentence, without
  // the prompt: what is forced to be its first token, then those that Decode
  // makes the text of. Throws what EncodeFor throws.
  virtual std::vector<std::int32_t> EncodeTarget(const Languages& languages,
                                                 std::string_view text) const;

  // The ids of words somewhere in an output, which Decode makes them of.
  // Throws what EncodeFor throws.
  virtual std::vector<std::int32_t> EncodeWords(const Languages& languages,
                                                std::string_view text) const;

  // How many ids a text has, whatever languages it is in.
  virtual std::size_t CountIds(std::string_view text) const {
    return Encode(text).ids.size();
  }

  // The codes of its languages, sorted.
  virtual std::vector<std::string> languages() const { return {}; }

  // The text of output ids; control tokens are left out, the unknown one only
  // where the tokenizer's class says so.
  std::string Decode(std::span<const std::int32_t> ids) const {
    return DecodeWith(ids, {});
  }

  // The same, where an id of -1 - i stands for words[i]: a word of a source in
  // the place of an unknown token, joined to what stands round it as a piece of
  // its text is.
  virtual std::string DecodeWith(std::span<const std::int32_t> ids,
                                 std::span<const std::string> words) const = 0;

  // Whether Decode may take a space away that it has given a shorter list.
  virtual bool moves_spaces() const { return false; }

  // The entry of an id, such as "▁station", in the target and in the source
  // vocabulary; the unknown token's for an id that has none. Most tokenizers
  // have one vocabulary for both.
  virtual std::string Piece(std::int32_t id) const = 0;
  virtual std::string SourcePiece(std::int32_t id) const { return Piece(id); }

  // The id that texts get for what the source vocabulary lacks, and the one
  // that outputs have for what the target's lacks; nothing where there is none.
  virtual std::optional<std::int32_t> source_unknown() const {
    return std::nullopt;
  }
  virtual std::optional<std::int32_t> target_unknown() const {
    return source_unknown();
  }

  // Entries of the source and of the target vocabulary: one more than the
  // largest id in use.
  virtual std::size_t source_size() const = 0;
  virtual std::size_t target_size() const { return source_size(); }

  // The id at which Decode ends outputs, for checks against the model; nothing
  // where it knows none.
  virtual std::optional<std::int32_t> target_end() const {
    return std::nullopt;
  }

  // What is left of a source that is too long, where that is wanted.
  const Truncation& truncation() const { return truncation_; }
  void set_truncation(const Truncation& truncation) {
    truncation_ = truncation;
  }

 private:
  Truncation truncation_;
};

// Whether an id stands for a word in Tokenizer::DecodeWith, and which one.
inline bool IsWord(std::int32_t id, std::span<const std::string> words) {
  return id < 0 && static_cast<std::size_t>(-1 - id) < words.size();
}
inline const std::string& WordOf(std::int32_t id,
                                 std::span<const std::string> words) {
  return words[static_cast<std::size_t>(-1 - id)];
}

// Loads the tokenizer of a folder by tokenizer_class of tokenizer_config.json,
// or of config.json, or else by the latter's model_type: MarianTokenizer,
// "TesseraPieces" (PiecesTokenizer), "TesseraWords" (WordsTokenizer), the
// classes of piece_scheme.h (PieceIdsTokenizer), BART's relatives
// (BytePairTokenizer, BlenderbotSmallTokenizer), ByT5's (ByteTokenizer). A
// folder without the class's own files has JsonTokenizer if tokenizer.json is
// there. Throws Error, for another class with the names of these.
std::unique_ptr<Tokenizer> LoadTokenizer(const models::ModelFolder& folder);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_TOKENIZER_H_
