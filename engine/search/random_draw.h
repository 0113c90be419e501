// Random numbers that depend on nothing but what they are drawn for: a request
// draws the same ones alone, in any batch and with any number of threads.
#ifndef TESSERA_ENGINE_SEARCH_RANDOM_DRAW_H_
#define TESSERA_ENGINE_SEARCH_RANDOM_DRAW_H_

#include <cmath>
#include <cstdint>
#include <span>

namespace tessera::engine {

// 64 bits that look random, of 64 that need not.
// Source: Steele, Lea & Flood 2014, the finaliser of SplitMix64.
inline std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// What a request's numbers are drawn by: its seed and what it reads.
class DrawKey {
 public:
  explicit DrawKey(std::uint64_t seed) : key_(Mix(seed)) {}

  // The key of this one with a number, or with numbers.
  DrawKey With(std::uint64_t number) const {
    DrawKey key = *this;
    key.key_ = Mix(key_ ^ Mix(number));
    return key;
  }
  DrawKey With(std::span<const std::int32_t> ids) const {
    DrawKey key = With(ids.size());
    for (const std::int32_t id : ids) {
      key = key.With(static_cast<std::uint64_t>(id));
    }
    return key;
  }

  // In (0, 1), of 53 bits.
  double Uniform() const {
    return (static_cast<double>(key_ >> 11) + 0.5) * 0x1p-53;
  }
  // -log(-log(u)): the largest of x_i + Gumbel_i is i with the probability of a
  // softmax; the k largest are draws without replacement.
  // Source: Kool et al. 2019, arXiv:1903.06059.
  double Gumbel() const { return -std::log(-std::log(Uniform())); }

 private:
  std::uint64_t key_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_RANDOM_DRAW_H_
