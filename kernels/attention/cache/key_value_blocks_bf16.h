// The bf16 cache layout of keys and values: see KeyValueBlocks.
#ifndef TESSERA_KERNELS_ATTENTION_CACHE_KEY_VALUE_BLOCKS_BF16_H_
#define TESSERA_KERNELS_ATTENTION_CACHE_KEY_VALUE_BLOCKS_BF16_H_

#include <cstddef>

#include "kernels/attention/cache/key_value_blocks.h"
#include "kernels/bf16.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Elements of one head's keys and values in a block: [ceil(K / 2), 16, 2] and
// [8, C, 2].
inline constexpr std::size_t Bf16KeyElements(std::size_t key_width) {
  return (key_width + 1) / 2 * 2 * kBlock;
}
inline constexpr std::size_t Bf16ValueElements(std::size_t value_width) {
  return value_width * kBlock;
}

// All functions take f32, which they round to the nearest bf16, or bf16. An odd
// K is filled up with zeros.

// Writes rows into consecutive blocks: one head's keys [m, K] to
// blocks + b * block_stride. Lanes behind m become zero.
void PackKeysBf16(Rows<const float> keys, Bf16* blocks,
                  std::size_t block_stride) noexcept;
void PackKeysBf16(Rows<const Bf16> keys, Bf16* blocks,
                  std::size_t block_stride) noexcept;

// The same for one head's values [m, C]. Positions behind m become zero.
void PackValuesBf16(Rows<const float> values, Bf16* blocks,
                    std::size_t block_stride) noexcept;
void PackValuesBf16(Rows<const Bf16> values, Bf16* blocks,
                    std::size_t block_stride) noexcept;

// Writes one position: key [Hkv * K] and value [Hkv * C] into lane
// `position % 16` of a block of each pool.
void AppendPositionBf16(const BlockShape& shape, const float* key,
                        const float* value, std::size_t lane, Bf16* key_block,
                        Bf16* value_block) noexcept;
void AppendPositionBf16(const BlockShape& shape, const Bf16* key,
                        const Bf16* value, std::size_t lane, Bf16* key_block,
                        Bf16* value_block) noexcept;

// Writes a block's first positions, up to 16: keys [n, Hkv * K], values
// [n, Hkv * C]. What lies behind n becomes zero.
void PackPositionsBf16(const BlockShape& shape, Rows<const float> keys,
                       Rows<const float> values, Bf16* key_block,
                       Bf16* value_block) noexcept;
void PackPositionsBf16(const BlockShape& shape, Rows<const Bf16> keys,
                       Rows<const Bf16> values, Bf16* key_block,
                       Bf16* value_block) noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_CACHE_KEY_VALUE_BLOCKS_BF16_H_
