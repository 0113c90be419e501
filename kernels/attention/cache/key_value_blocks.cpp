// Moves keys and values into blocks.
#include "kernels/attention/cache/key_value_blocks.h"

#include <xmmintrin.h>

#include <algorithm>
#include <cstring>

namespace tessera::kernels {
namespace {

// to[k][lane] = from[lane][k] for 4 lanes and 4 k.
void Transpose4x4(const float* from, std::size_t stride, float* to) {
  __m128 a = _mm_loadu_ps(from);
  __m128 b = _mm_loadu_ps(from + stride);
  __m128 c = _mm_loadu_ps(from + 2 * stride);
  __m128 d = _mm_loadu_ps(from + 3 * stride);
  _MM_TRANSPOSE4_PS(a, b, c, d);
  _mm_storeu_ps(to, a);
  _mm_storeu_ps(to + kBlock, b);
  _mm_storeu_ps(to + 2 * kBlock, c);
  _mm_storeu_ps(to + 3 * kBlock, d);
}

void PackWholeBlock(Rows<const float> keys, float* block) {
  const std::size_t whole = keys.cols / 4 * 4;
  for (std::size_t lane = 0; lane < kBlock; lane += 4) {
    for (std::size_t k = 0; k < whole; k += 4) {
      Transpose4x4(keys[lane] + k, keys.stride, block + k * kBlock + lane);
    }
  }
  for (std::size_t k = whole; k < keys.cols; ++k) {
    for (std::size_t lane = 0; lane < kBlock; ++lane) {
      block[k * kBlock + lane] = keys[lane][k];
    }
  }
}

void PackPartialBlock(Rows<const float> keys, float* block) {
  std::memset(block, 0, keys.cols * kBlock * sizeof(float));
  for (std::size_t lane = 0; lane < keys.rows; ++lane) {
    for (std::size_t k = 0; k < keys.cols; ++k) {
      block[k * kBlock + lane] = keys[lane][k];
    }
  }
}

}  // namespace

void PackKeys(Rows<const float> keys, float* blocks,
              std::size_t block_stride) noexcept {
  for (std::size_t row = 0; row < keys.rows; row += kBlock) {
    const std::size_t rows = std::min(kBlock, keys.rows - row);
    float* block = blocks + row / kBlock * block_stride;
    if (rows == kBlock) {
      PackWholeBlock(keys.Slice(row, rows), block);
    } else {
      PackPartialBlock(keys.Slice(row, rows), block);
    }
  }
}

void AppendKey(const BlockShape& shape, const float* key, std::size_t lane,
               float* key_block) noexcept {
  const std::size_t columns = shape.kv_heads * shape.key_width;
  for (std::size_t k = 0; k < columns; ++k) {
    key_block[k * kBlock + lane] = key[k];
  }
}

void AppendPosition(const BlockShape& shape, const float* key,
                    const float* value, std::size_t lane, float* key_block,
                    float* value_block) noexcept {
  AppendKey(shape, key, lane, key_block);
  const std::size_t width = shape.value_width;
  for (std::size_t head = 0; head < shape.kv_heads; ++head) {
    std::memcpy(value_block + (head * kBlock + lane) * width,
                value + head * width, width * sizeof(float));
  }
}

void PackPositions(const BlockShape& shape, Rows<const float> keys,
                   Rows<const float> values, float* key_block,
                   float* value_block) noexcept {
  const std::size_t key_width = shape.key_width;
  const std::size_t value_width = shape.value_width;
  for (std::size_t head = 0; head < shape.kv_heads; ++head) {
    PackKeys(keys.Columns(head * key_width, key_width),
             key_block + head * key_width * kBlock, 0);
    for (std::size_t lane = 0; lane < values.rows; ++lane) {
      std::memcpy(value_block + (head * kBlock + lane) * value_width,
                  values[lane] + head * value_width,
                  value_width * sizeof(float));
    }
  }
}

}  // namespace tessera::kernels
