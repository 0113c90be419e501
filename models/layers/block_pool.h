// Cache memory in blocks of 16 positions, shared by reference counts.
#ifndef TESSERA_MODELS_LAYERS_BLOCK_POOL_H_
#define TESSERA_MODELS_LAYERS_BLOCK_POOL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/attention/cache/key_value_blocks.h"

namespace tessera::models {

// Blocks of keys and values; one number names a block in every layer. Grows by
// half when it runs out, which a decoding step meets a few times in its life.
class BlockPool {
 public:
  // With raw_keys there is room for keys as projected beside what additive
  // attention makes of them.
  BlockPool(std::size_t layers, const kernels::BlockShape& shape,
            std::size_t blocks, bool raw_keys = false);

  // A block with one reference, its contents left over.
  std::int32_t Take();
  void AddReference(std::int32_t block) { ++references_[Index(block)]; }
  void Drop(std::int32_t block);
  std::int32_t references(std::int32_t block) const {
    return references_[Index(block)];
  }

  // Copies the first `positions` positions of a block in all layers.
  void Copy(std::int32_t from, std::int32_t to, std::size_t positions);

  const kernels::BlockShape& shape() const { return shape_; }
  const float* keys(std::size_t layer) const { return keys_[layer].data(); }
  const float* values(std::size_t layer) const { return values_[layer].data(); }
  bool has_raw_keys() const { return !raw_keys_.empty(); }
  const float* raw_keys(std::size_t layer) const {
    return has_raw_keys() ? raw_keys_[layer].data() : nullptr;
  }
  float* KeyBlock(std::size_t layer, std::int32_t block) {
    return keys_[layer].data() + Index(block) * shape_.key_floats();
  }
  float* RawKeyBlock(std::size_t layer, std::int32_t block) {
    return raw_keys_[layer].data() + Index(block) * shape_.key_floats();
  }
  float* ValueBlock(std::size_t layer, std::int32_t block) {
    return values_[layer].data() + Index(block) * shape_.value_floats();
  }

  // Blocks in use, for tests.
  std::size_t used() const { return references_.size() - free_.size(); }

 private:
  static std::size_t Index(std::int32_t block) {
    return static_cast<std::size_t>(block);
  }
  void GrowTo(std::size_t blocks);

  kernels::BlockShape shape_;
  std::vector<kernels::AlignedBuffer<float>> keys_;    // f32 [blocks, H, K, 16]
  std::vector<kernels::AlignedBuffer<float>> values_;  // f32 [blocks, H, 16, C]
  std::vector<kernels::AlignedBuffer<float>> raw_keys_;  // as keys_, or none
  std::vector<std::int32_t> references_;                 // [blocks]
  std::vector<std::int32_t> free_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_BLOCK_POOL_H_
