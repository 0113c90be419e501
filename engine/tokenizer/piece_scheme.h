// How the pieces of a SentencePiece model become a family's ids.
#ifndef TESSERA_ENGINE_TOKENIZER_PIECE_SCHEME_H_
#define TESSERA_ENGINE_TOKENIZER_PIECE_SCHEME_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engine/tokenizer/language_codes.h"

namespace tessera::engine {

// Which ids pieces have: their own; theirs and 103 (Pegasus); theirs and 1
// behind <s>, <pad>, </s>, <unk> (fairseq); those of vocab.json.
enum class PieceIds : std::uint8_t { kOwn, kPegasus, kFairseq, kVocabulary };

// What stands round the pieces of a text X; L is its language.
enum class SourceLayout : std::uint8_t {
  kEnd,            // X </s>
  kLanguageFirst,  // L X </s>
  kLanguageLast    // X </s> L
};

// A list of languages, in the order of their ids.
using LanguageList = std::vector<std::string>();

struct PieceScheme {
  PieceIds ids = PieceIds::kOwn;
  SourceLayout layout = SourceLayout::kEnd;
  LanguageList* languages = nullptr;
  const char* default_source = "";
  bool target_starts = false;  // outputs begin with their language in place of
                               // the start token, not behind it
  bool may_be_last = false;    // "legacy_behaviour" puts the language last
  bool extra_ids = false;      // <extra_id_0> and on, in texts too
  bool joins_pieces = false;   // "▁" is made a space, and nothing else done
};

inline constexpr PieceScheme kT5Pieces = {.extra_ids = true};
inline constexpr PieceScheme kPegasusPieces = {.ids = PieceIds::kPegasus};
inline constexpr PieceScheme kMbartPieces = {
    .ids = PieceIds::kFairseq,
    .layout = SourceLayout::kLanguageLast,
    .languages = MbartLanguages,
    .default_source = "en_XX",
    .target_starts = true,
    .joins_pieces = true};
inline constexpr PieceScheme kMbart50Pieces = {
    .ids = PieceIds::kFairseq,
    .layout = SourceLayout::kLanguageFirst,
    .languages = Mbart50Languages,
    .default_source = "en_XX"};
inline constexpr PieceScheme kNllbPieces = {
    .ids = PieceIds::kFairseq,
    .layout = SourceLayout::kLanguageFirst,
    .languages = NllbLanguages,
    .default_source = "eng_Latn",
    .may_be_last = true,
    .joins_pieces = true};
inline constexpr PieceScheme kM2m100Pieces = {
    .ids = PieceIds::kVocabulary,
    .layout = SourceLayout::kLanguageFirst,
    .languages = M2m100Languages,
    .default_source = "en"};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIECE_SCHEME_H_
