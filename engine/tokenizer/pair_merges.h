// Merging of neighbours, the heart of byte-pair encoding.
#ifndef TESSERA_ENGINE_TOKENIZER_PAIR_MERGES_H_
#define TESSERA_ENGINE_TOKENIZER_PAIR_MERGES_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tokenizer/seeded_hash.h"

namespace tessera::engine {

// Which neighbours become which symbol, best first. Immutable once filled.
//
// Source: Sennrich et al. 2016, arXiv:1508.07909.
class PairMerges {
 public:
  using Symbol = std::uint32_t;

  // The next best pair; of one that comes twice the last place counts.
  void Add(Symbol left, Symbol right, Symbol merged);

  // Merges the pair of neighbours that was added first, the leftmost of
  // several, until none is left. Cost: n log n for n symbols.
  void Apply(std::vector<Symbol>& symbols) const;

 private:
  struct Merge {
    std::uint32_t rank;
    Symbol symbol;
  };
  const Merge* Find(Symbol left, Symbol right) const;

  std::unordered_map<std::uint64_t, Merge, SeededHash>
      merges_;  // by left << 32 | right
  std::uint32_t added_ = 0;
};

// Reads merges.txt: "LEFT RIGHT" a line, best first, behind a first line that
// says what it is. Throws Error for a line of other words, or text that is not
// UTF-8.
void ReadMerges(const std::filesystem::path& file,
                const std::function<void(std::string_view left,
                                         std::string_view right)>& add);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PAIR_MERGES_H_
