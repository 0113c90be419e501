// What a folder says of the ids of its pieces: control tokens, languages.
#ifndef TESSERA_ENGINE_TOKENIZER_PIECE_NUMBERS_H_
#define TESSERA_ENGINE_TOKENIZER_PIECE_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/tokenizer/language_layout.h"
#include "engine/tokenizer/piece_scheme.h"
#include "engine/tokenizer/sentencepiece.h"
#include "engine/tokenizer/vocabulary.h"
#include "models/files/model_folder.h"

namespace tessera::engine {

// Pegasus has so many ids in front of its pieces.
inline constexpr std::int32_t kPegasusOffset = 103;

// Ids by a scheme, as a folder fills it in.
struct PieceNumbers {
  // Reads vocab.json of M2M100, tokenizer_config.json if there is one, and what
  // LanguageLayout reads. Throws Error.
  static PieceNumbers Read(const models::ModelFolder& folder,
                           const PieceScheme& scheme,
                           const SentencePiece& model);

  // The id of a piece of the model; of PieceIds::kVocabulary none has one.
  std::int32_t IdOf(std::int32_t piece) const;
  // The piece of an id that is no control token's, below 0 for some.
  std::int32_t PieceOf(std::int32_t id) const;

  PieceScheme scheme;
  std::int32_t unknown_piece = 0;
  std::optional<Vocabulary> vocabulary = {};          // of kVocabulary
  std::map<std::int32_t, std::string> controls = {};  // by id, languages too
  std::map<std::string, std::int32_t, std::less<>> extra_ids = {};
  LanguageLayout languages = {};
  std::int32_t end = 0;
  std::int32_t unknown = 0;
  std::size_t size = 0;  // one more than the largest id
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIECE_NUMBERS_H_
