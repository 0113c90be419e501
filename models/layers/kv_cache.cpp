// The keys and values that decoding keeps.
#include "models/layers/kv_cache.h"

#include <algorithm>

namespace tessera::models {

using kernels::BlocksFor;
using kernels::kBlock;
using kernels::KeyValueBlocks;

namespace {

std::size_t Blocks(std::int32_t length) {
  return BlocksFor(static_cast<std::size_t>(length));
}

}  // namespace

RowCache::RowCache(std::size_t layers, const kernels::BlockShape& shape,
                   std::size_t max_rows, std::size_t max_positions)
    : pool_(layers, shape, max_rows),
      blocks_per_row_(BlocksFor(max_positions)),
      tables_(max_rows * blocks_per_row_),
      old_tables_(max_rows * blocks_per_row_),
      lengths_(max_rows),
      old_lengths_(max_rows) {}

void RowCache::Advance(std::span<const std::int32_t> parents) {
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
  for (std::size_t row = 0; row < rows_; ++row) Extend(row);
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

// One position more, in a block of the row's own.
void RowCache::Extend(std::size_t row) {
  const auto length = static_cast<std::size_t>(lengths_[row]++);
  std::int32_t& last = Table(tables_, row)[length / kBlock];
  if (length % kBlock == 0) {
    last = pool_.Take();
  } else if (pool_.references(last) > 1) {
    const std::int32_t own = pool_.Take();
    pool_.Copy(last, own, length % kBlock);
    pool_.Drop(last);
    last = own;
  }
}

void RowCache::Append(std::size_t layer, std::size_t row, const float* key,
                      const float* value) {
  const auto at = static_cast<std::size_t>(position(row));
  const std::int32_t block = Table(tables_, row)[at / kBlock];
  AppendPosition(pool_.shape(), key, value, at % kBlock,
                 pool_.KeyBlock(layer, block), pool_.ValueBlock(layer, block));
}

KeyValueBlocks RowCache::View(std::size_t layer, std::size_t row) const {
  return {.keys = pool_.keys(layer),
          .values = pool_.values(layer),
          .table = tables_.data() + row * blocks_per_row_,
          .length = static_cast<std::size_t>(lengths_[row])};
}

SentenceCache::SentenceCache(std::size_t layers,
                             const kernels::BlockShape& shape,
                             std::size_t max_sentences)
    : pool_(layers, shape, max_sentences * 2),
      tables_(max_sentences),
      lengths_(max_sentences) {}

void SentenceCache::Reset(std::size_t sentence, std::size_t length) {
  std::vector<std::int32_t>& table = tables_[sentence];
  for (const std::int32_t block : table) pool_.Drop(block);
  table.resize(BlocksFor(length));
  for (std::int32_t& block : table) block = pool_.Take();
  lengths_[sentence] = length;
}

void SentenceCache::Set(std::size_t layer, std::size_t sentence,
                        kernels::Rows<const float> keys,
                        kernels::Rows<const float> values) {
  for (std::size_t b = 0; b < tables_[sentence].size(); ++b) {
    const std::size_t first = b * kBlock;
    const std::size_t rows = std::min(kBlock, keys.rows - first);
    const std::int32_t block = tables_[sentence][b];
    PackPositions(pool_.shape(), keys.Slice(first, rows),
                  values.Slice(first, rows), pool_.KeyBlock(layer, block),
                  pool_.ValueBlock(layer, block));
  }
}

KeyValueBlocks SentenceCache::View(std::size_t layer,
                                   std::size_t sentence) const {
  return {.keys = pool_.keys(layer),
          .values = pool_.values(layer),
          .table = tables_[sentence].data(),
          .length = lengths_[sentence]};
}

}  // namespace tessera::models
