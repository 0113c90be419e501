// The keys and values that decoding keeps.
#include "models/layers/kv_cache.h"

#include <algorithm>

namespace tessera::models {

using kernels::BlocksFor;
using kernels::KeyValueBlocks;
using kernels::kPositionsPerBlock;

namespace {

std::size_t Blocks(std::int32_t length) {
  return BlocksFor(static_cast<std::size_t>(length));
}

}  // namespace

RowCache::RowCache(std::size_t layers, const kernels::BlockLayout& layout,
                   std::size_t max_rows, std::size_t max_positions)
    : pool_(layers, layout, max_rows),
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
  const std::size_t filled =
      static_cast<std::size_t>(lengths_[row]) % kPositionsPerBlock;
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
                     const kernels::TypedRows& key,
                     const kernels::TypedRows& value) {
  const std::int32_t block = Table(tables_, row)[position / kPositionsPerBlock];
  AppendPositions(pool_.layout(), key, value, position % kPositionsPerBlock,
                  pool_.Block(layer, block));
}

KeyValueBlocks RowCache::View(std::size_t layer, std::size_t row) const {
  return pool_.View(layer, tables_.data() + row * blocks_per_row_,
                    static_cast<std::size_t>(lengths_[row]));
}

SentenceCache::SentenceCache(std::size_t layers,
                             const kernels::BlockLayout& layout,
                             std::size_t max_sentences)
    : pool_(layers, layout, max_sentences * 2),
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
                        const kernels::TypedRows& keys,
                        const kernels::TypedRows& values) {
  for (std::size_t b = 0; b < tables_[sentence].size(); ++b) {
    const std::size_t first = b * kPositionsPerBlock;
    const std::size_t rows = std::min(kPositionsPerBlock, keys.rows - first);
    PackPositions(pool_.layout(), keys.Slice(first, rows),
                  values.Slice(first, rows),
                  pool_.Block(layer, tables_[sentence][b]));
  }
}

KeyValueBlocks SentenceCache::View(std::size_t layer,
                                   std::size_t sentence) const {
  return pool_.View(layer, tables_[sentence].data(), lengths_[sentence]);
}

}  // namespace tessera::models
