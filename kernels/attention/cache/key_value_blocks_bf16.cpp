// Moves keys and values into bf16 blocks.
#include "kernels/attention/cache/key_value_blocks_bf16.h"

#include <emmintrin.h>

#include <algorithm>
#include <cstring>

namespace tessera::kernels {
namespace {

// A pair of bf16 in one word: the layout of keys is that of f32 keys of half
// the width, in words.
constexpr std::size_t kPair = 2;

Bf16 Rounded(float x) { return ToBf16(x); }
Bf16 Rounded(Bf16 x) { return x; }

// Four numbers as bf16 in the lower halves of words, as ToBf16.
__m128i RoundedWords(const float* p) {
  const __m128 x = _mm_loadu_ps(p);
  const __m128i bits = _mm_castps_si128(x);
  const __m128i even =
      _mm_and_si128(_mm_srli_epi32(bits, 16), _mm_set1_epi32(1));
  const __m128i rounded =
      _mm_add_epi32(bits, _mm_add_epi32(even, _mm_set1_epi32(0x7fff)));
  const __m128i quiet = _mm_or_si128(bits, _mm_set1_epi32(0x400000));
  const __m128i nan = _mm_castps_si128(_mm_cmpunord_ps(x, x));
  const __m128i chosen =
      _mm_or_si128(_mm_and_si128(nan, quiet), _mm_andnot_si128(nan, rounded));
  // Sign-extended, for packing with signed saturation.
  return _mm_srai_epi32(chosen, 16);
}

// Eight elements as bf16.
__m128i Eight(const float* p) {
  return _mm_packs_epi32(RoundedWords(p), RoundedWords(p + 4));
}
__m128i Eight(const Bf16* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}

void StoreWords(Bf16* to, __m128i words) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), words);
}

// Words [p][lane] of 8 elements, four pairs p, from four rows. A word of a
// block row of 16 lanes stands kPair * kBlock elements behind that above it.
template <class T>
void TransposePairs(const T* from, std::size_t stride, Bf16* to) {
  const __m128i a = Eight(from);
  const __m128i b = Eight(from + stride);
  const __m128i c = Eight(from + 2 * stride);
  const __m128i d = Eight(from + 3 * stride);
  const __m128i ab01 = _mm_unpacklo_epi32(a, b);
  const __m128i cd01 = _mm_unpacklo_epi32(c, d);
  const __m128i ab23 = _mm_unpackhi_epi32(a, b);
  const __m128i cd23 = _mm_unpackhi_epi32(c, d);
  constexpr std::size_t kRow = kPair * kBlock;
  StoreWords(to, _mm_unpacklo_epi64(ab01, cd01));
  StoreWords(to + kRow, _mm_unpackhi_epi64(ab01, cd01));
  StoreWords(to + 2 * kRow, _mm_unpacklo_epi64(ab23, cd23));
  StoreWords(to + 3 * kRow, _mm_unpackhi_epi64(ab23, cd23));
}

// Elements [first, width) of a key into its lane of a block.
template <class T>
void PackKey(const T* key, std::size_t first, std::size_t width,
             std::size_t lane, Bf16* block) {
  Bf16* const words = block + lane * kPair;
  for (std::size_t k = first; k < width; ++k) {
    words[k / kPair * kPair * kBlock + k % kPair] = Rounded(key[k]);
  }
  if (width % kPair == 1) words[width / kPair * kPair * kBlock + 1] = Bf16{0};
}

template <class T>
void PackKeyBlock(Rows<const T> keys, Bf16* block) {
  const std::size_t whole = keys.rows == kBlock ? keys.cols / 8 * 8 : 0;
  for (std::size_t lane = 0; lane < kBlock; lane += 4) {
    for (std::size_t k = 0; k < whole; k += 8) {
      TransposePairs(keys[lane] + k, keys.stride,
                     block + k * kBlock + lane * kPair);
    }
  }
  if (keys.rows < kBlock) {
    std::memset(block, 0, Bf16KeyElements(keys.cols) * sizeof(Bf16));
  }
  for (std::size_t lane = 0; lane < keys.rows; ++lane) {
    PackKey(keys[lane], whole, keys.cols, lane, block);
  }
}

// Columns [first, width) of one position into its half of the words of a pair.
template <class T>
void PackValue(const T* value, std::size_t first, std::size_t width,
               std::size_t lane, Bf16* block) {
  Bf16* const words = block + lane / kPair * kPair * width + lane % kPair;
  for (std::size_t c = first; c < width; ++c) {
    words[c * kPair] = Rounded(value[c]);
  }
}

template <class T>
void PackValueBlock(Rows<const T> values, Bf16* block) {
  const std::size_t width = values.cols;
  if (values.rows < kBlock) {
    std::memset(block, 0, Bf16ValueElements(width) * sizeof(Bf16));
  }
  for (std::size_t lane = 0; lane < values.rows; lane += kPair) {
    const bool both = lane + 1 < values.rows;
    const std::size_t whole = both ? width / 8 * 8 : 0;
    for (std::size_t c = 0; c < whole; c += 8) {
      const __m128i even = Eight(values[lane] + c);
      const __m128i odd = Eight(values[lane + 1] + c);
      Bf16* const to = block + lane * width + c * kPair;
      StoreWords(to, _mm_unpacklo_epi16(even, odd));
      StoreWords(to + 8, _mm_unpackhi_epi16(even, odd));
    }
    PackValue(values[lane], whole, width, lane, block);
    if (both) PackValue(values[lane + 1], whole, width, lane + 1, block);
  }
}

// Calls pack(rows of a block, block) for every block that the rows fill.
template <class T, class Pack>
void ForBlocks(Rows<const T> rows, Bf16* blocks, std::size_t stride,
               Pack&& pack) {
  for (std::size_t row = 0; row < rows.rows; row += kBlock) {
    pack(rows.Slice(row, std::min(kBlock, rows.rows - row)),
         blocks + row / kBlock * stride);
  }
}

template <class T>
void Append(const BlockShape& shape, const T* key, const T* value,
            std::size_t lane, Bf16* key_block, Bf16* value_block) {
  for (std::size_t head = 0; head < shape.kv_heads; ++head) {
    PackKey(key + head * shape.key_width, 0, shape.key_width, lane,
            key_block + head * Bf16KeyElements(shape.key_width));
    PackValue(value + head * shape.value_width, 0, shape.value_width, lane,
              value_block + head * Bf16ValueElements(shape.value_width));
  }
}

template <class T>
void Pack(const BlockShape& shape, Rows<const T> keys, Rows<const T> values,
          Bf16* key_block, Bf16* value_block) {
  for (std::size_t head = 0; head < shape.kv_heads; ++head) {
    PackKeyBlock(keys.Columns(head * shape.key_width, shape.key_width),
                 key_block + head * Bf16KeyElements(shape.key_width));
    PackValueBlock(values.Columns(head * shape.value_width, shape.value_width),
                   value_block + head * Bf16ValueElements(shape.value_width));
  }
}

}  // namespace

void PackKeysBf16(Rows<const float> keys, Bf16* blocks,
                  std::size_t block_stride) noexcept {
  ForBlocks(keys, blocks, block_stride, PackKeyBlock<float>);
}
void PackKeysBf16(Rows<const Bf16> keys, Bf16* blocks,
                  std::size_t block_stride) noexcept {
  ForBlocks(keys, blocks, block_stride, PackKeyBlock<Bf16>);
}

void PackValuesBf16(Rows<const float> values, Bf16* blocks,
                    std::size_t block_stride) noexcept {
  ForBlocks(values, blocks, block_stride, PackValueBlock<float>);
}
void PackValuesBf16(Rows<const Bf16> values, Bf16* blocks,
                    std::size_t block_stride) noexcept {
  ForBlocks(values, blocks, block_stride, PackValueBlock<Bf16>);
}

void AppendPositionBf16(const BlockShape& shape, const float* key,
                        const float* value, std::size_t lane, Bf16* key_block,
                        Bf16* value_block) noexcept {
  Append(shape, key, value, lane, key_block, value_block);
}
void AppendPositionBf16(const BlockShape& shape, const Bf16* key,
                        const Bf16* value, std::size_t lane, Bf16* key_block,
                        Bf16* value_block) noexcept {
  Append(shape, key, value, lane, key_block, value_block);
}

void PackPositionsBf16(const BlockShape& shape, Rows<const float> keys,
                       Rows<const float> values, Bf16* key_block,
                       Bf16* value_block) noexcept {
  Pack(shape, keys, values, key_block, value_block);
}
void PackPositionsBf16(const BlockShape& shape, Rows<const Bf16> keys,
                       Rows<const Bf16> values, Bf16* key_block,
                       Bf16* value_block) noexcept {
  Pack(shape, keys, values, key_block, value_block);
}

}  // namespace tessera::kernels
