// Embedding look-up in float64, with the two roundings that are promised.
#ifndef TESSERA_TESTS_REFERENCE_EMBEDDING_H_
#define TESSERA_TESTS_REFERENCE_EMBEDDING_H_

namespace tessera::reference {

// The product of two float32 is exact in float64; so is what decides how their
// sum rounds (53 >= 2 * 24 + 2 digits).
inline float Embed(float element, float scale, float position) {
  const auto scaled = static_cast<float>(static_cast<double>(scale) *
                                         static_cast<double>(element));
  return static_cast<float>(static_cast<double>(scaled) +
                            static_cast<double>(position));
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_EMBEDDING_H_
