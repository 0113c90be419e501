// The keys and values that decoding keeps: of its own tokens by row, of the
// source by sentence.
#ifndef TESSERA_MODELS_LAYERS_KV_CACHE_H_
#define TESSERA_MODELS_LAYERS_KV_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/attention/cache/key_value_blocks.h"
#include "kernels/views.h"
#include "models/layers/block_pool.h"

namespace tessera::models {

// Self-attention keys and values of the rows of a step (beams). A row continues
// a row of the step before: they share blocks, and only a partly filled last
// block is copied, once for each child but the last.
class RowCache {
 public:
  // Room for max_rows rows of up to max_positions positions.
  RowCache(std::size_t layers, const kernels::BlockLayout& layout,
           std::size_t max_rows, std::size_t max_positions);

  // Starts a step: row i continues row parents[i] of the step before, or is new
  // (-1), and gets room for added[i] more positions.
  void Advance(std::span<const std::int32_t> parents,
               std::span<const std::int32_t> added);

  // Positions of a row, those of this step included.
  std::int32_t length(std::size_t row) const { return lengths_[row]; }

  // Writes the key [1, H * K] and value [1, H * C] of one layer at a new
  // position.
  void Write(std::size_t layer, std::size_t row, std::size_t position,
             const kernels::TypedRows& key, const kernels::TypedRows& value);

  // All positions of a row, the new ones included.
  kernels::KeyValueBlocks View(std::size_t layer, std::size_t row) const;

  std::size_t blocks_in_use() const { return pool_.used(); }

 private:
  std::int32_t* Table(std::vector<std::int32_t>& tables, std::size_t row) {
    return tables.data() + row * blocks_per_row_;
  }
  void Inherit(std::size_t row, std::int32_t parent);
  void Extend(std::size_t row, std::int32_t added);

  BlockPool pool_;
  std::size_t blocks_per_row_;
  std::size_t rows_ = 0;
  std::vector<std::int32_t> tables_, old_tables_;    // [max_rows, blocks a row]
  std::vector<std::int32_t> lengths_, old_lengths_;  // [max_rows]
};

// Cross-attention keys and values of the sentences being decoded. Read-only
// between Set calls, shared by all beams of a sentence.
class SentenceCache {
 public:
  SentenceCache(std::size_t layers, const kernels::BlockLayout& layout,
                std::size_t max_sentences);

  // Makes room for `length` positions of a new sentence, in place of the old.
  // Those with visible[i] = 0 are hidden from all queries; empty: none is.
  void Reset(std::size_t sentence, std::size_t length,
             std::span<const std::uint8_t> visible = {});

  // Writes all positions of one layer: keys [length, H * K], values
  // [length, H * C].
  void Set(std::size_t layer, std::size_t sentence,
           const kernels::TypedRows& keys, const kernels::TypedRows& values);

  kernels::KeyValueBlocks View(std::size_t layer, std::size_t sentence) const;

  // u8 [length]; nullptr: all positions are visible.
  const std::uint8_t* visible(std::size_t sentence) const {
    return visible_[sentence].empty() ? nullptr : visible_[sentence].data();
  }

 private:
  BlockPool pool_;
  std::vector<std::vector<std::int32_t>> tables_;  // by sentence
  std::vector<std::size_t> lengths_;
  std::vector<std::vector<std::uint8_t>> visible_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_KV_CACHE_H_
