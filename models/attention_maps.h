// Attention weights of one sentence, for people to look at.
#ifndef TESSERA_MODELS_ATTENTION_MAPS_H_
#define TESSERA_MODELS_ATTENTION_MAPS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tessera::models {

// The weights of one attention block: how much each query looks at each key.
struct AttentionMap {
  AttentionMap(std::size_t h, std::size_t n, std::size_t m)
      : heads(h), queries(n), keys(m), weights(h * n * m) {}

  std::size_t heads;           // H
  std::size_t queries;         // n
  std::size_t keys;            // m
  std::vector<float> weights;  // f32 [H, n, m], 0 where a query may not look

  float& at(std::size_t head, std::size_t query, std::size_t key) {
    return weights[(head * queries + query) * keys + key];
  }
};

// All blocks of a model, by layer, for a source of S tokens and an output of T.
struct AttentionMaps {
  std::vector<std::int32_t>
      source;                      // [S], with tokens that the model has added
  std::vector<std::int32_t> read;  // [T]: start token and output but its last
  // u8 [S] and u8 [T]: 0 hides a token from all queries; empty: none is hidden.
  std::vector<std::uint8_t> source_visible;
  std::vector<std::uint8_t> read_visible;
  std::vector<AttentionMap> encoder;  // [H, S, S]
  std::vector<AttentionMap> decoder;  // [H, T, T]: query t writes token t, key
                                      // t is the token before it
  std::vector<AttentionMap> cross;    // [H, T, S]
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_ATTENTION_MAPS_H_
