// Cache memory in blocks of 16 positions.
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
  BlockPool(std::size_t layers, const kernels::BlockLayout& layout,
            std::size_t blocks);

  // A block, its contents left over.
  std::int32_t Take();
  void Drop(std::int32_t block) { free_.push_back(block); }

  const kernels::BlockLayout& layout() const { return layout_; }
  // Where a block of a layer is written.
  kernels::KeyValueBlock Block(std::size_t layer, std::int32_t block);
  // The blocks of a layer that a table names.
  kernels::KeyValueBlocks View(std::size_t layer, const std::int32_t* table,
                               std::size_t length) const;

  // Blocks in use, for tests.
  std::size_t used() const { return blocks_ - free_.size(); }

 private:
  static std::size_t Index(std::int32_t block) {
    return static_cast<std::size_t>(block);
  }
  void GrowTo(std::size_t blocks);

  // Of one layer: see KeyValueBlocks.
  struct Layer {
    kernels::AlignedBuffer<std::byte> keys;
    kernels::AlignedBuffer<std::byte> values;
    kernels::AlignedBuffer<std::byte> raw_keys;
  };

  kernels::BlockLayout layout_;
  std::vector<Layer> layers_;
  std::size_t blocks_ = 0;
  std::vector<std::int32_t> free_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_BLOCK_POOL_H_
