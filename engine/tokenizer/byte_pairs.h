// Byte-level byte-pair encoding: words of a text into tokens.
#ifndef TESSERA_ENGINE_TOKENIZER_BYTE_PAIRS_H_
#define TESSERA_ENGINE_TOKENIZER_BYTE_PAIRS_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tokenizer/seeded_hash.h"

namespace tessera::engine {

// Tokens stand for bytes, each spelled as a printable character (a space as
// "Ġ"). A text is cut into words by GPT-2's pattern,
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// and in each word the pair of neighbours that stands first in the list is
// merged, leftmost first, until none is in it. Immutable after Read.
//
// Source: Radford et al. 2019 (GPT-2); Sennrich et al. 2016, arXiv:1508.07909.
class BytePairs {
 public:
  // Reads merges.txt: "LEFT RIGHT" a line, best first, behind a first line that
  // says what it is. Throws Error for a line of other words, or text that is
  // not UTF-8.
  static BytePairs Read(const std::filesystem::path& file);

  // The tokens of well-formed UTF-8. Cost: n log n for a word of n bytes.
  std::vector<std::string> Encode(std::string_view text) const;

 private:
  using Symbol = std::uint32_t;
  struct Merge {
    std::uint32_t rank;
    Symbol symbol;
  };

  BytePairs();
  Symbol Intern(std::string_view token);
  const Merge* Find(Symbol left, Symbol right) const;
  void EncodeWord(std::string_view word,
                  std::vector<std::string>& tokens) const;

  std::vector<std::string> tokens_;  // by symbol; the first 256 are bytes
  std::unordered_map<std::string, Symbol, SeededHash> symbols_;
  std::unordered_map<std::uint64_t, Merge, SeededHash>
      merges_;  // by left << 32 | right
};

// The words of GPT-2's pattern; together they are the text.
std::vector<std::string_view> SplitWords(std::string_view text);

// The bytes that a token stands for; characters that stand for none are left
// out.
std::string BytesOf(std::string_view token);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_BYTE_PAIRS_H_
