// The keys and values that decoding keeps.
#include "models/layers/kv_cache.h"

#include <algorithm>

#include "kernels/attention/tile/tile.h"

namespace tessera::models {

using kernels::BlocksFor;
using kernels::kBlock;
using kernels::KeyValueBlocks;

namespace {

std::size_t Blocks(std::int32_t length) {
  return BlocksFor(static_cast<std::size_t>(length));
}

// f32 of a key of all heads, in whole registers.
std::size_t WholeKey(const kernels::BlockShape& shape) {
  return BlocksFor(shape.kv_heads * shape.key_width) * kBlock;
}

}  // namespace

RowCache::RowCache(std::size_t layers, const kernels::BlockShape& shape,
                   std::size_t max_rows, std::size_t max_positions,
                   bool additive)
    : pool_(layers, shape, max_rows, additive),
      additive_key_(additive ? WholeKey(shape) : 0),
      blocks_per_row_(BlocksFor(max_positions)),
      tables_(max_rows * blocks_per_row_),
      old_tables_(max_rows * blocks_per_row_),
      lengths_(max_rows),
      old_lengths_(max_rows) {}

void RowCache::Advance(std::span<const std::int32_t> parents,
                       std::span<const std::int32_t> added) {
  tables_.swap(old_tables_);
  lengths_.swap(old_lengths_);
  for (std::size_t row = 0; row < parents.size(); ++row) {
    Inherit(row, parents[row]);
  }
  for (std::size_t row = 0; row < rows_; ++row) {
    const std::int32_t* table = Table(old_tables_, row);
    for (std::size_t b = 0; b < Blocks(old_lengths_[row]); ++b) {
      pool_.Drop(table[b]);
    }
  }
  rows_ = parents.size();
  for (std::size_t row = 0; row < rows_; ++row) Extend(row, added[row]);
}

// The parent's blocks, with a reference more on each.
void RowCache::Inherit(std::size_t row, std::int32_t parent) {
  lengths_[row] = 0;
  if (parent < 0) return;
  const auto from = static_cast<std::size_t>(parent);
  lengths_[row] = old_lengths_[from];
  const std::size_t blocks = Blocks(lengths_[row]);
  std::copy_n(Table(old_tables_, from), blocks, Table(tables_, row));
  for (std::size_t b = 0; b < blocks; ++b) {
    pool_.AddReference(Table(tables_, row)[b]);
  }
}

// More positions, in blocks of the row's own.
void RowCache::Extend(std::size_t row, std::int32_t added) {
  std::int32_t* const table = Table(tables_, row);
  const std::size_t blocks = Blocks(lengths_[row]);
  const std::size_t filled = static_cast<std::size_t>(lengths_[row]) % kBlock;
  if (filled > 0 && pool_.references(table[blocks - 1]) > 1) {
    const std::int32_t own = pool_.Take();
    pool_.Copy(table[blocks - 1], own, filled);
    pool_.Drop(table[blocks - 1]);
    table[blocks - 1] = own;
  }
  lengths_[row] += added;
  for (std::size_t b = blocks; b < Blocks(lengths_[row]); ++b) {
    table[b] = pool_.Take();
  }
}

void RowCache::Write(std::size_t layer, std::size_t row, std::size_t position,
                     const float* key, const float* value) {
  const std::int32_t block = Table(tables_, row)[position / kBlock];
  const std::size_t lane = position % kBlock;
  if (pool_.has_raw_keys()) {
    AppendKey(pool_.shape(), key, lane, pool_.RawKeyBlock(layer, block));
    std::copy_n(key, pool_.shape().kv_heads * pool_.shape().key_width,
                additive_key_.data());
    kernels::AdditiveKeys(additive_key_.data(), additive_key_.size(),
                          additive_key_.data());
    key = additive_key_.data();
  }
  AppendPosition(pool_.shape(), key, value, lane, pool_.KeyBlock(layer, block),
                 pool_.ValueBlock(layer, block));
}

KeyValueBlocks RowCache::View(std::size_t layer, std::size_t row) const {
  return {.keys = pool_.keys(layer),
          .values = pool_.values(layer),
          .table = tables_.data() + row * blocks_per_row_,
          .length = static_cast<std::size_t>(lengths_[row]),
          .raw_keys = pool_.raw_keys(layer)};
}

SentenceCache::SentenceCache(std::size_t layers,
                             const kernels::BlockShape& shape,
                             std::size_t max_sentences, bool additive)
    : pool_(layers, shape, max_sentences * 2, additive),
      tables_(max_sentences),
      lengths_(max_sentences),
      visible_(max_sentences) {}

void SentenceCache::Reset(std::size_t sentence, std::size_t length,
                          std::span<const std::uint8_t> visible) {
  std::vector<std::int32_t>& table = tables_[sentence];
  for (const std::int32_t block : table) pool_.Drop(block);
  table.resize(BlocksFor(length));
  for (std::int32_t& block : table) block = pool_.Take();
  lengths_[sentence] = length;
  visible_[sentence].assign(visible.begin(), visible.end());
}

void SentenceCache::Set(std::size_t layer, std::size_t sentence,
                        kernels::Rows<const float> keys,
                        kernels::Rows<const float> values) {
  for (std::size_t b = 0; b < tables_[sentence].size(); ++b) {
    const std::size_t first = b * kBlock;
    const std::size_t rows = std::min(kBlock, keys.rows - first);
    const std::int32_t block = tables_[sentence][b];
    float* const own = pool_.KeyBlock(layer, block);
    float* const raw =
        pool_.has_raw_keys() ? pool_.RawKeyBlock(layer, block) : own;
    PackPositions(pool_.shape(), keys.Slice(first, rows),
                  values.Slice(first, rows), raw,
                  pool_.ValueBlock(layer, block));
    if (raw != own) {
      kernels::AdditiveKeys(raw, pool_.shape().key_floats(), own);
    }
  }
}

KeyValueBlocks SentenceCache::View(std::size_t layer,
                                   std::size_t sentence) const {
  return {.keys = pool_.keys(layer),
          .values = pool_.values(layer),
          .table = tables_[sentence].data(),
          .length = lengths_[sentence],
          .raw_keys = pool_.raw_keys(layer)};
}

}  // namespace tessera::models
