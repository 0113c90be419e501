// Hashes that nobody outside of the process can foresee.
#ifndef TESSERA_ENGINE_TOKENIZER_SEEDED_HASH_H_
#define TESSERA_ENGINE_TOKENIZER_SEEDED_HASH_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tessera::engine {

// For tables whose keys come from files: with std::hash somebody can write a
// million keys that all have one hash, and looking one up takes as many steps.
// Its seed is drawn when the process first hashes something.
struct SeededHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept;
  std::size_t operator()(std::uint64_t number) const noexcept;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_SEEDED_HASH_H_
