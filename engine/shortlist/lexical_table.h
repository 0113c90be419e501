// A file of lexical translations: which tokens of a target vocabulary translate
// a token of the source's, and how probably.
#ifndef TESSERA_ENGINE_SHORTLIST_LEXICAL_TABLE_H_
#define TESSERA_ENGINE_SHORTLIST_LEXICAL_TABLE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/tokenizer/seeded_hash.h"
#include "engine/tokenizer/tokenizer.h"
#include "models/model.h"

namespace tessera::engine {

// The ids of pieces, of those that tokenizer and model both have.
struct PieceIds {
  using Map = std::unordered_map<std::string, std::int32_t, SeededHash,
                                 std::equal_to<>>;

  PieceIds(const Tokenizer& tokenizer, const models::ModelInfo& model);

  Map sources;
  Map targets;
};

struct LexicalEntry {
  std::int32_t source;  // kNull: translates nothing
  std::int32_t target;
  float probability;

  static constexpr std::int32_t kNull = -1;
};

// Reads the text that Marian's --shortlist reads, as extract_lex and
// tools/train/lexical_table.py write it, a line an entry:
//
//   TARGET SOURCE PROBABILITY
//
// pieces of the two vocabularies, of which NULL is no source's, and a number
// from 0 to 1. Lines of pieces that the model lacks are left out, as those of
// characters that no vocabulary has: a warning tells of them. Throws Error with
// file and line for a line of another form; for a file most of whose lines are
// left out, which belongs to another model; for one that is compressed, or in
// Marian's binary form. Takes no more memory than a few times the file.
std::vector<LexicalEntry> ReadLexicalTable(const std::filesystem::path& file,
                                           const PieceIds& pieces,
                                           std::vector<std::string>& warnings);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SHORTLIST_LEXICAL_TABLE_H_
