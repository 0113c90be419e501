// The cache layout of keys and values: blocks of 16 positions.
#ifndef TESSERA_KERNELS_ATTENTION_CACHE_KEY_VALUE_BLOCKS_H_
#define TESSERA_KERNELS_ATTENTION_CACHE_KEY_VALUE_BLOCKS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/views.h"

namespace tessera::kernels {

// Positions of a block: one AVX-512 register, two AVX2 registers of scores.
inline constexpr std::size_t kPositionsPerBlock = 16;

// Blocks that m positions need.
[[gnu::always_inline]] inline constexpr std::size_t BlocksFor(std::size_t m) {
  return (m + kPositionsPerBlock - 1) / kPositionsPerBlock;
}

// Keys and values of one sequence. Keys stand position-last, so that a score
// needs no horizontal sum; values position-first, so that a weighted sum needs
// none either. Positions behind `length` may hold anything.
//
//          keys                                  values
//   kF32   f32 [blocks, Hkv, K, 16]              f32 [blocks, Hkv, 16, C]
//   kBf16  bf16 [blocks, Hkv, ceil(K / 2), 16, 2]  bf16 [blocks, Hkv, 8, C, 2]
//
// In bf16 a 32-bit word is a pair: two elements of a key, two positions of a
// value. An odd K is filled up with zeros.
struct KeyValueBlocks {
  ElementType type = ElementType::kF32;
  const void* keys = nullptr;
  const void* values = nullptr;
  const std::int32_t* table = nullptr;  // i32 [BlocksFor(length)] block
                                        // numbers; nullptr: 0, 1, 2, ...
  std::size_t length = 0;               // m
  // Additive scores only: keys as projected, where `keys` holds what
  // AdditiveKeys made of them (the same numbers in bf16).
  const void* raw_keys = nullptr;
};

// Numbers in a 32-bit word of a block.
[[gnu::always_inline]] inline constexpr std::size_t PerWord(ElementType type) {
  return sizeof(float) / BytesOf(type);
}
// n numbers filled up to whole words.
[[gnu::always_inline]] inline constexpr std::size_t WholeWords(ElementType type,
                                                               std::size_t n) {
  return (n + PerWord(type) - 1) / PerWord(type) * PerWord(type);
}

// What a block holds, and how large it is in each pool.
struct BlockLayout {
  std::size_t kv_heads = 0;
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  ElementType type = ElementType::kF32;
  bool raw_keys = false;  // are kept beside the keys: additive scores

  // Of one head, and of all.
  constexpr std::size_t key_head_bytes() const {
    return WholeWords(type, key_width) * kPositionsPerBlock * BytesOf(type);
  }
  constexpr std::size_t value_head_bytes() const {
    return value_width * kPositionsPerBlock * BytesOf(type);
  }
  constexpr std::size_t key_bytes() const {
    return kv_heads * key_head_bytes();
  }
  constexpr std::size_t value_bytes() const {
    return kv_heads * value_head_bytes();
  }
};

// Where one block is written; raw_keys if the layout has them.
struct KeyValueBlock {
  void* keys = nullptr;
  void* values = nullptr;
  void* raw_keys = nullptr;
};

// All functions take rows of f32 or bf16. What does not have the type of the
// blocks is converted, f32 rounded to the nearest bf16.

// Writes positions into a block, from lane `first` on: keys [n, Hkv * K] and
// values [n, Hkv * C], first + n <= 16. Other positions stay.
void AppendPositions(const BlockLayout& layout, const TypedRows& keys,
                     const TypedRows& values, std::size_t first,
                     const KeyValueBlock& block) noexcept;

// Writes a block's first positions, up to 16; those behind them become zero.
void PackPositions(const BlockLayout& layout, const TypedRows& keys,
                   const TypedRows& values,
                   const KeyValueBlock& block) noexcept;

// Copies the first positions of a block.
void CopyPositions(const BlockLayout& layout, const KeyValueBlock& from,
                   std::size_t positions, const KeyValueBlock& to) noexcept;

// Writes one head's keys [m, K] into consecutive blocks, block_bytes apart.
// Lanes behind m become zero.
void PackKeys(const TypedRows& keys, ElementType type, void* blocks,
              std::size_t block_bytes) noexcept;
// The same for one head's values [m, C].
void PackValues(const TypedRows& values, ElementType type, void* blocks,
                std::size_t block_bytes) noexcept;

// Fills blocks of keys, `bytes` of them, from the same blocks of raw keys.
void PrepareKeys(ElementType type, const void* raw_keys, std::size_t bytes,
                 void* keys) noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_CACHE_KEY_VALUE_BLOCKS_H_
