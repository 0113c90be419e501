// Cache memory in blocks of 16 positions.
#include "models/layers/block_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tessera::models {

using kernels::AlignedBuffer;

namespace {

void Grow(AlignedBuffer<std::byte>& buffer, std::size_t bytes) {
  AlignedBuffer<std::byte> larger(bytes);
  // A few sentences touch a few blocks of each buffer, of which a huge page
  // takes 2 MiB for the first: 48 MiB for one sentence of FLAN-T5-base, whose
  // batches of 32 are as fast with small pages. Refused for small buffers,
  // which have no others.
  madvise(larger.data(), larger.bytes(), MADV_NOHUGEPAGE);
  if (buffer.size() > 0) {
    std::memcpy(larger.data(), buffer.data(), buffer.bytes());
  }
  buffer = std::move(larger);
}

}  // namespace

BlockPool::BlockPool(std::size_t layers, const kernels::BlockLayout& layout,
                     std::size_t blocks)
    : layout_(layout), layers_(layers) {
  GrowTo(std::max<std::size_t>(blocks, 1));
}

void BlockPool::GrowTo(std::size_t blocks) {
  for (Layer& layer : layers_) {
    Grow(layer.keys, blocks * layout_.key_bytes());
    Grow(layer.values, blocks * layout_.value_bytes());
    if (layout_.raw_keys) Grow(layer.raw_keys, blocks * layout_.key_bytes());
  }
  free_.reserve(blocks);
  // The lowest number is taken first.
  for (std::size_t b = blocks; b > blocks_; --b) {
    free_.push_back(static_cast<std::int32_t>(b - 1));
  }
  blocks_ = blocks;
}

std::int32_t BlockPool::Take() {
  if (free_.empty()) {
    GrowTo(blocks_ + blocks_ / 2 + 16);
  }
  const std::int32_t block = free_.back();
  free_.pop_back();
  return block;
}

kernels::KeyValueBlock BlockPool::Block(std::size_t layer, std::int32_t block) {
  Layer& own = layers_[layer];
  const std::size_t key = Index(block) * layout_.key_bytes();
  return {.keys = own.keys.data() + key,
          .values = own.values.data() + Index(block) * layout_.value_bytes(),
          .raw_keys = layout_.raw_keys ? own.raw_keys.data() + key : nullptr};
}

kernels::KeyValueBlocks BlockPool::View(std::size_t layer,
                                        const std::int32_t* table,
                                        std::size_t length) const {
  const Layer& own = layers_[layer];
  return {.type = layout_.type,
          .keys = own.keys.data(),
          .values = own.values.data(),
          .table = table,
          .length = length,
          .raw_keys = own.raw_keys.data()};
}

}  // namespace tessera::models
