// Cache memory in blocks of 16 positions.
#include "models/layers/block_pool.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tessera::models {

using kernels::AlignedBuffer;
using kernels::kBlock;

namespace {

void Grow(AlignedBuffer<float>& buffer, std::size_t floats) {
  AlignedBuffer<float> larger(floats);
  if (buffer.size() > 0) {
    std::memcpy(larger.data(), buffer.data(), buffer.bytes());
  }
  buffer = std::move(larger);
}

}  // namespace

BlockPool::BlockPool(std::size_t layers, const kernels::BlockShape& shape,
                     std::size_t blocks, bool raw_keys)
    : shape_(shape),
      keys_(layers),
      values_(layers),
      raw_keys_(raw_keys ? layers : 0) {
  GrowTo(std::max<std::size_t>(blocks, 1));
}

void BlockPool::GrowTo(std::size_t blocks) {
  for (AlignedBuffer<float>& keys : keys_) {
    Grow(keys, blocks * shape_.key_floats());
  }
  for (AlignedBuffer<float>& keys : raw_keys_) {
    Grow(keys, blocks * shape_.key_floats());
  }
  for (AlignedBuffer<float>& values : values_) {
    Grow(values, blocks * shape_.value_floats());
  }
  free_.reserve(blocks);
  // The lowest number is taken first.
  for (std::size_t b = blocks; b > references_.size(); --b) {
    free_.push_back(static_cast<std::int32_t>(b - 1));
  }
  references_.resize(blocks, 0);
}

std::int32_t BlockPool::Take() {
  if (free_.empty()) {
    GrowTo(references_.size() + references_.size() / 2 + 16);
  }
  const std::int32_t block = free_.back();
  free_.pop_back();
  references_[Index(block)] = 1;
  return block;
}

void BlockPool::Drop(std::int32_t block) {
  if (--references_[Index(block)] == 0) free_.push_back(block);
}

void BlockPool::Copy(std::int32_t from, std::int32_t to,
                     std::size_t positions) {
  const std::size_t row = shape_.value_width;
  for (std::size_t layer = 0; layer < keys_.size(); ++layer) {
    // A key's positions are one cache line: whole lines cost no more.
    std::memcpy(KeyBlock(layer, to), KeyBlock(layer, from),
                shape_.key_floats() * sizeof(float));
    if (has_raw_keys()) {
      std::memcpy(RawKeyBlock(layer, to), RawKeyBlock(layer, from),
                  shape_.key_floats() * sizeof(float));
    }
    for (std::size_t head = 0; head < shape_.kv_heads; ++head) {
      std::memcpy(ValueBlock(layer, to) + head * kBlock * row,
                  ValueBlock(layer, from) + head * kBlock * row,
                  positions * row * sizeof(float));
    }
  }
}

}  // namespace tessera::models
