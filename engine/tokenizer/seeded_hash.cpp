// A product of 64 by 64 bits for every eight bytes, folded (as in wyhash, by
// Wang Yi), with both factors keyed by secrets.
#include "engine/tokenizer/seeded_hash.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace tessera::engine {
namespace {

__extension__ using Wide = unsigned __int128;

struct Secrets {
  std::uint64_t start, word, factor;
};

std::uint64_t Draw(std::random_device& random) {
  return std::uint64_t{random()} << 32 | random();
}

const Secrets& OfThisProcess() noexcept {
  static const Secrets secrets = [] {
    std::random_device random;
    return Secrets{Draw(random), Draw(random), Draw(random) | 1};
  }();
  return secrets;
}

std::uint64_t Mix(std::uint64_t hash, std::uint64_t word,
                  const Secrets& secrets) noexcept {
  const Wide product =
      static_cast<Wide>(word ^ secrets.word ^ hash) * (hash ^ secrets.factor);
  return static_cast<std::uint64_t>(product) ^
         static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

std::size_t SeededHash::operator()(std::string_view text) const noexcept {
  const Secrets& secrets = OfThisProcess();
  std::uint64_t hash = Mix(secrets.start, text.size(), secrets);
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t bytes = std::min(text.size(), sizeof(word));
    std::memcpy(&word, text.data(), bytes);
    hash = Mix(hash, word, secrets);
    text.remove_prefix(bytes);
  }
  return static_cast<std::size_t>(hash);
}

std::size_t SeededHash::operator()(std::uint64_t number) const noexcept {
  const Secrets& secrets = OfThisProcess();
  return static_cast<std::size_t>(Mix(secrets.start, number, secrets));
}

}  // namespace tessera::engine
