// The cache layout of keys and values: blocks of 16 positions.
#ifndef TESSERA_KERNELS_ATTENTION_CACHE_KEY_VALUE_BLOCKS_H_
#define TESSERA_KERNELS_ATTENTION_CACHE_KEY_VALUE_BLOCKS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/bf16.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Positions of a block: one AVX-512 register, two AVX2 registers of scores.
inline constexpr std::size_t kBlock = 16;

// Blocks that m positions need.
[[gnu::always_inline]] inline constexpr std::size_t BlocksFor(std::size_t m) {
  return (m + kBlock - 1) / kBlock;
}

// Keys and values of one sequence. Keys stand position-last, so that a score
// needs no horizontal sum; values position-first, so that a weighted sum needs
// none either. Positions behind `length` may hold anything.
struct KeyValueBlocks {
  const float* keys = nullptr;          // f32 [blocks, Hkv, K, 16]
  const float* values = nullptr;        // f32 [blocks, Hkv, 16, C]
  const std::int32_t* table = nullptr;  // i32 [BlocksFor(length)] block
                                        // numbers; nullptr: 0, 1, 2, ...
  std::size_t length = 0;               // m
  // Additive attention only: keys as projected, where `keys` holds what
  // AdditiveKeys made of them.
  const float* raw_keys = nullptr;  // f32 [blocks, Hkv, K, 16]
  // AttentionBf16 only, in place of `keys` and `values`: pairs of elements of
  // a key, and of positions of a value, stand in one 32-bit word.
  const Bf16* bf16_keys = nullptr;    // bf16 [blocks, Hkv, ceil(K / 2), 16, 2]
  const Bf16* bf16_values = nullptr;  // bf16 [blocks, Hkv, 8, C, 2]
};

// Writes rows into consecutive blocks: one head's keys [m, K] to
// blocks + b * block_stride, f32 [K, 16] each. Lanes behind m become zero.
void PackKeys(Rows<const float> keys, float* blocks,
              std::size_t block_stride) noexcept;

// Sizes of a block in a pool: keys f32 [Hkv, K, 16], values f32 [Hkv, 16, C].
struct BlockShape {
  std::size_t kv_heads;
  std::size_t key_width;
  std::size_t value_width;

  std::size_t key_floats() const { return kv_heads * key_width * kBlock; }
  std::size_t value_floats() const { return kv_heads * value_width * kBlock; }
};

// Writes the key of one position, f32 [Hkv * K], into lane `position % 16` of a
// block.
void AppendKey(const BlockShape& shape, const float* key, std::size_t lane,
               float* key_block) noexcept;
// The same, and its value f32 [Hkv * C] into a block of the other pool.
void AppendPosition(const BlockShape& shape, const float* key,
                    const float* value, std::size_t lane, float* key_block,
                    float* value_block) noexcept;

// Writes a block's first positions, up to 16: keys f32 [n, Hkv * K], values
// f32 [n, Hkv * C]. Key lanes behind n become zero.
void PackPositions(const BlockShape& shape, Rows<const float> keys,
                   Rows<const float> values, float* key_block,
                   float* value_block) noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_CACHE_KEY_VALUE_BLOCKS_H_
