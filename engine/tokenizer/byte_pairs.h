// Byte-level byte-pair encoding: words of a text into tokens.
#ifndef TESSERA_ENGINE_TOKENIZER_BYTE_PAIRS_H_
#define TESSERA_ENGINE_TOKENIZER_BYTE_PAIRS_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tokenizer/pair_merges.h"
#include "engine/tokenizer/seeded_hash.h"

namespace tessera::engine {

// Tokens stand for bytes, each spelled as a printable character (a space as
// "Ġ"). A text is cut into words by GPT-2's pattern,
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// and in each word the pair of neighbours that stands first in the list is
// merged, leftmost first, until none is in it. Immutable after Read.
//
// Source: Radford et al. 2019 (GPT-2).
class BytePairs {
 public:
  // Reads merges.txt (ReadMerges).
  static BytePairs Read(const std::filesystem::path& file);

  // The tokens of well-formed UTF-8. Cost: n log n for a word of n bytes.
  std::vector<std::string> Encode(std::string_view text) const;

 private:
  using Symbol = PairMerges::Symbol;

  BytePairs();
  Symbol Intern(std::string_view token);
  void EncodeWord(std::string_view word,
                  std::vector<std::string>& tokens) const;

  std::vector<std::string> tokens_;  // by symbol; the first 256 are bytes
  std::unordered_map<std::string, Symbol, SeededHash> symbols_;
  PairMerges merges_;
};

// The words of GPT-2's pattern; together they are the text.
std::vector<std::string_view> SplitWords(std::string_view text);

// Bytes spelled as tokens spell them, and the byte of one such character.
std::string CharactersOf(std::string_view bytes);
std::optional<char> ByteOf(std::string_view character);

// The bytes that a token stands for; characters that stand for none are left
// out.
std::string BytesOf(std::string_view token);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_BYTE_PAIRS_H_
