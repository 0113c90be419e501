// Moves keys and values into blocks.
#include "kernels/attention/cache/key_value_blocks.h"

#include <emmintrin.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "kernels/attention/tile/tile.h"
#include "kernels/views.h"

namespace tessera::kernels {
namespace {

constexpr std::size_t kLanes = kPositionsPerBlock;

// Numbers in a word of a block of T: a bf16 block has the layout of an f32
// block of half the key width or positions, in words.
template <class T>
constexpr std::size_t kPer = PerWord(kElementType<T>);

template <class To, class From>
To Convert(From x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else if constexpr (std::is_same_v<To, Bf16>) {
    return ToBf16(x);
  } else {
    return ToFloat(x);
  }
}

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

// Four words of rows a, b, c, d to four rows of words, a row of lanes apart.
template <class T>
void StoreTransposed(__m128i a, __m128i b, __m128i c, __m128i d, T* to) {
  const __m128i ab01 = _mm_unpacklo_epi32(a, b);
  const __m128i cd01 = _mm_unpacklo_epi32(c, d);
  const __m128i ab23 = _mm_unpackhi_epi32(a, b);
  const __m128i cd23 = _mm_unpackhi_epi32(c, d);
  const auto store = [&](std::size_t row, __m128i words) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + row * kPer<T> * kLanes),
                     words);
  };
  store(0, _mm_unpacklo_epi64(ab01, cd01));
  store(1, _mm_unpackhi_epi64(ab01, cd01));
  store(2, _mm_unpacklo_epi64(ab23, cd23));
  store(3, _mm_unpackhi_epi64(ab23, cd23));
}

// Four words of a key.
__m128i FourWords(const float* p, float /*of*/) {
  return _mm_castps_si128(_mm_loadu_ps(p));
}
__m128i FourWords(const Bf16* p, float /*of*/) {
  return _mm_unpacklo_epi16(
      _mm_setzero_si128(),
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
}
template <class From>
__m128i FourWords(const From* p, Bf16 /*of*/) {
  return Eight(p);
}

// Elements of a key, from a word's first on, into words a row of lanes apart:
// as many as eight at a time are.
template <class From>
std::size_t PackKeyPairs(const From* elements, std::size_t count, Bf16* words) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    alignas(16) Bf16 pairs[8];
    _mm_store_si128(reinterpret_cast<__m128i*>(pairs), Eight(elements + i));
    for (std::size_t k = 0; k < 8; k += 2) {
      std::memcpy(words + (i + k) * kLanes, pairs + k, 2 * sizeof(Bf16));
    }
  }
  return i;
}

// Elements [first, first + count) of a key into its lane of a block; `first` is
// a word's.
template <class To, class From>
void PackKey(const From* elements, std::size_t first, std::size_t count,
             std::size_t lane, To* block) {
  To* const words = block + lane * kPer<To>;
  std::size_t i = 0;
  if constexpr (std::is_same_v<To, Bf16>) {
    i = PackKeyPairs(elements, count, words + first * kLanes);
  }
  for (; i < count; ++i) {
    const std::size_t k = first + i;
    words[k / kPer<To> * kPer<To> * kLanes + k % kPer<To>] =
        Convert<To>(elements[i]);
  }
}

// What an odd width leaves of the last word.
template <class To>
void FillLastWord(std::size_t width, std::size_t lane, To* block) {
  if (width % kPer<To> == 0) return;
  block[(width / kPer<To> * kLanes + lane) * kPer<To> + width % kPer<To>] =
      Convert<To>(0.0f);
}

template <class To, class From>
void PackKeyBlock(Rows<const From> keys, To* block) {
  constexpr std::size_t kStep = 4 * kPer<To>;
  const std::size_t whole = keys.rows == kLanes ? keys.cols / kStep * kStep : 0;
  for (std::size_t lane = 0; lane < kLanes; lane += 4) {
    for (std::size_t k = 0; k < whole; k += kStep) {
      const From* const from = keys[lane] + k;
      StoreTransposed(FourWords(from, To{}),
                      FourWords(from + keys.stride, To{}),
                      FourWords(from + 2 * keys.stride, To{}),
                      FourWords(from + 3 * keys.stride, To{}),
                      block + k * kLanes + lane * kPer<To>);
    }
  }
  if (keys.rows < kLanes) {
    std::memset(static_cast<void*>(block), 0,
                WholeWords(kElementType<To>, keys.cols) * kLanes * sizeof(To));
  }
  for (std::size_t lane = 0; lane < keys.rows; ++lane) {
    PackKey(keys[lane] + whole, whole, keys.cols - whole, lane, block);
    FillLastWord(keys.cols, lane, block);
  }
}

// One position into its halves of words, as many columns as eight at a time
// are; the other halves stay.
template <class From>
std::size_t PackValueHalves(const From* value, std::size_t width, bool odd,
                            Bf16* words) {
  const __m128i others = _mm_set1_epi32(odd ? 0x0000ffff : ~0x0000ffff);
  const __m128i zero = _mm_setzero_si128();
  std::size_t c = 0;
  for (; c + 8 <= width; c += 8) {
    const __m128i eight = Eight(value + c);
    const __m128i even = odd ? zero : eight, upper = odd ? eight : zero;
    const auto put = [&](Bf16* four, __m128i halves) {
      auto* const to = reinterpret_cast<__m128i*>(four);
      const __m128i kept = _mm_and_si128(_mm_loadu_si128(to), others);
      _mm_storeu_si128(to, _mm_or_si128(kept, halves));
    };
    put(words + 2 * c, _mm_unpacklo_epi16(even, upper));
    put(words + 2 * c + 8, _mm_unpackhi_epi16(even, upper));
  }
  return c;
}

// Columns [first, width) of one position into its part of the words.
template <class To, class From>
void PackValue(const From* value, std::size_t first, std::size_t width,
               std::size_t lane, To* block) {
  To* const words = block + lane / kPer<To> * kPer<To> * width;
  if constexpr (std::is_same_v<To, float> && std::is_same_v<From, float>) {
    std::memcpy(words + first, value + first, (width - first) * sizeof(float));
  } else {
    std::size_t c = first;
    if constexpr (std::is_same_v<To, Bf16>) {
      c += PackValueHalves(value + first, width - first, lane % 2 == 1,
                           words + first * kPer<To>);
    }
    for (; c < width; ++c) {
      words[c * kPer<To> + lane % kPer<To>] = Convert<To>(value[c]);
    }
  }
}

// Two positions into whole words, as many columns as eight at a time are.
template <class From>
std::size_t PackValuePair(const From* even, const From* odd, std::size_t width,
                          Bf16* words) {
  std::size_t c = 0;
  for (; c + 8 <= width; c += 8, words += 16) {
    const __m128i a = Eight(even + c), b = Eight(odd + c);
    auto* const to = reinterpret_cast<__m128i*>(words);
    _mm_storeu_si128(to, _mm_unpacklo_epi16(a, b));
    _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(a, b));
  }
  return c;
}

template <class To, class From>
void PackValueBlock(Rows<const From> values, To* block) {
  const std::size_t width = values.cols;
  if (values.rows < kLanes) {
    std::memset(static_cast<void*>(block), 0, width * kLanes * sizeof(To));
  }
  for (std::size_t lane = 0; lane < values.rows; ++lane) {
    std::size_t whole = 0;
    if constexpr (std::is_same_v<To, Bf16>) {
      if (lane % 2 == 0 && lane + 1 < values.rows) {
        whole = PackValuePair(values[lane], values[lane + 1], width,
                              block + lane * width);
        PackValue(values[lane + 1], whole, width, lane + 1, block);
      } else if (lane % 2 == 1) {
        continue;  // came with the one before
      }
    }
    PackValue(values[lane], whole, width, lane, block);
  }
}

// Calls fn(To{}, From{}).
template <class Fn>
void WithTypes(ElementType to, ElementType from, Fn&& fn) {
  const auto with = [&](auto type) {
    from == ElementType::kBf16 ? fn(type, Bf16{}) : fn(type, 0.0f);
  };
  to == ElementType::kBf16 ? with(Bf16{}) : with(0.0f);
}

// Head `head` of a block.
template <class T>
T* Head(void* block, std::size_t head, std::size_t head_bytes) {
  return reinterpret_cast<T*>(static_cast<char*>(block) + head * head_bytes);
}

// One head's key as AdditiveKeys makes it, a piece at a time.
template <class From>
void PackAdditiveKey(const From* key, std::size_t width, std::size_t lane,
                     float* block) {
  constexpr std::size_t kPiece = 64;
  for (std::size_t k = 0; k < width; k += kPiece) {
    const std::size_t count = std::min(kPiece, width - k);
    float piece[kPiece] = {};
    for (std::size_t i = 0; i < count; ++i) {
      piece[i] = Convert<float>(key[k + i]);
    }
    AdditiveKeys(piece, BlocksFor(count) * kLanes, piece);
    PackKey(piece, k, count, lane, block);
  }
}

// One head of one position.
template <class To, class From>
void Append(const BlockLayout& layout, const From* key, const From* value,
            std::size_t head, std::size_t lane, const KeyValueBlock& block) {
  const std::size_t width = layout.key_width;
  const auto pack = [&](void* pool) {
    To* const keys = Head<To>(pool, head, layout.key_head_bytes());
    PackKey(key, 0, width, lane, keys);
    FillLastWord(width, lane, keys);
  };
  if (layout.raw_keys) pack(block.raw_keys);
  if (layout.raw_keys && layout.type == ElementType::kF32) {
    PackAdditiveKey(key, width, lane,
                    Head<float>(block.keys, head, layout.key_head_bytes()));
  } else {
    pack(block.keys);
  }
  PackValue(value, 0, layout.value_width, lane,
            Head<To>(block.values, head, layout.value_head_bytes()));
}

// Calls pack(rows of a block, block) for every block that the rows fill.
template <class To, class From, class Pack>
void ForBlocks(Rows<const From> rows, void* blocks, std::size_t block_bytes,
               Pack&& pack) {
  for (std::size_t row = 0; row < rows.rows; row += kLanes) {
    pack(rows.Slice(row, std::min(kLanes, rows.rows - row)),
         Head<To>(blocks, row / kLanes, block_bytes));
  }
}

}  // namespace

void PackKeys(const TypedRows& keys, ElementType type, void* blocks,
              std::size_t block_bytes) noexcept {
  WithTypes(type, keys.type, [&]<class To, class From>(To, From) {
    ForBlocks<To>(keys.As<From>(), blocks, block_bytes, PackKeyBlock<To, From>);
  });
}

void PackValues(const TypedRows& values, ElementType type, void* blocks,
                std::size_t block_bytes) noexcept {
  WithTypes(type, values.type, [&]<class To, class From>(To, From) {
    ForBlocks<To>(values.As<From>(), blocks, block_bytes,
                  PackValueBlock<To, From>);
  });
}

void PrepareKeys(ElementType type, const void* raw, std::size_t bytes,
                 void* keys) noexcept {
  if (type == ElementType::kF32) {
    AdditiveKeys(static_cast<const float*>(raw), bytes / sizeof(float),
                 static_cast<float*>(keys));
  } else {
    std::memcpy(keys, raw, bytes);
  }
}

void PackPositions(const BlockLayout& layout, const TypedRows& keys,
                   const TypedRows& values,
                   const KeyValueBlock& block) noexcept {
  void* const own = layout.raw_keys ? block.raw_keys : block.keys;
  for (std::size_t head = 0; head < layout.kv_heads; ++head) {
    const std::size_t k = layout.key_width, c = layout.value_width;
    PackKeys(keys.Columns(head * k, k), layout.type,
             Head<char>(own, head, layout.key_head_bytes()), 0);
    PackValues(values.Columns(head * c, c), layout.type,
               Head<char>(block.values, head, layout.value_head_bytes()), 0);
  }
  if (layout.raw_keys) {
    PrepareKeys(layout.type, own, layout.key_bytes(), block.keys);
  }
}

void AppendPositions(const BlockLayout& layout, const TypedRows& keys,
                     const TypedRows& values, std::size_t first,
                     const KeyValueBlock& block) noexcept {
  WithTypes(layout.type, keys.type, [&]<class To, class From>(To, From) {
    for (std::size_t row = 0; row < keys.rows; ++row) {
      const From* const key = keys.As<From>()[row];
      const From* const value = values.As<From>()[row];
      for (std::size_t head = 0; head < layout.kv_heads; ++head) {
        Append<To>(layout, key + head * layout.key_width,
                   value + head * layout.value_width, head, first + row, block);
      }
    }
  });
}

void CopyPositions(const BlockLayout& layout, const KeyValueBlock& from,
                   std::size_t positions, const KeyValueBlock& to) noexcept {
  // A key's positions are one cache line: whole lines cost no more.
  std::memcpy(to.keys, from.keys, layout.key_bytes());
  if (layout.raw_keys) {
    std::memcpy(to.raw_keys, from.raw_keys, layout.key_bytes());
  }
  const std::size_t head_bytes = layout.value_head_bytes();
  const std::size_t bytes = WholeWords(layout.type, positions) *
                            layout.value_width * BytesOf(layout.type);
  for (std::size_t head = 0; head < layout.kv_heads; ++head) {
    std::memcpy(Head<char>(to.values, head, head_bytes),
                Head<char>(from.values, head, head_bytes), bytes);
  }
}

}  // namespace tessera::kernels
