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
      old_lengths_(max_rows),
      hidden_(max_rows),
      old_hidden_(max_rows) {}

void RowCache::Advance(std::span<const std::int32_t> parents,
                       std::span<const std::uint8_t> visible) {
  tables_.swap(old_tables_);
  lengths_.swap(old_lengths_);
  hidden_.swap(old_hidden_);
  visible_.swap(old_visible_);
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
  for (std::size_t row = 0; row < rows_; ++row) {
    Extend(row);
    Mark(row, visible.empty() || visible[row] != 0);
  }
}

// The parent's blocks, with a reference more on each, and what it hides.
void RowCache::Inherit(std::size_t row, std::int32_t parent) {
  lengths_[row] = hidden_[row] = 0;
  if (parent < 0) return;
  const auto from = static_cast<std::size_t>(parent);
  lengths_[row] = old_lengths_[from];
  hidden_[row] = old_hidden_[from];
  if (hidden_[row] > 0) {
    std::copy_n(&old_visible_[from * max_positions()], lengths_[row],
                &visible_[row * max_positions()]);
  }
  const std::size_t blocks = Blocks(lengths_[row]);
  std::copy_n(Table(old_tables_, from), blocks, Table(tables_, row));
  for (std::size_t b = 0; b < blocks; ++b) {
    pool_.AddReference(Table(tables_, row)[b]);
  }
}

// One position more, in a block of the row's own.
void RowCache::Extend(std::size_t row) {
  const auto length = static_cast<std::size_t>(lengths_[row]++);
  std::int32_t& last = Table(tables_, row)[length / kPositionsPerBlock];
  if (length % kPositionsPerBlock == 0) {
    last = pool_.Take();
  } else if (pool_.references(last) > 1) {
    const std::int32_t own = pool_.Take();
    pool_.Copy(last, own, length % kPositionsPerBlock);
    pool_.Drop(last);
    last = own;
  }
}

// Tells whether the new position is visible. Nothing is kept of rows in which
// all are, and no memory taken before one is not.
void RowCache::Mark(std::size_t row, bool visible) {
  if (visible && hidden_[row] == 0) return;
  if (visible_.empty()) {
    visible_.resize(hidden_.size() * max_positions());
    old_visible_.resize(visible_.size());
  }
  std::uint8_t* const all = &visible_[row * max_positions()];
  if (!visible && hidden_[row]++ == 0) std::fill_n(all, lengths_[row], 1);
  all[position(row)] = visible;
}

void RowCache::Append(std::size_t layer, std::size_t row,
                      const kernels::TypedRows& key,
                      const kernels::TypedRows& value) {
  const auto at = static_cast<std::size_t>(position(row));
  const std::int32_t block = Table(tables_, row)[at / kPositionsPerBlock];
  AppendPositions(pool_.layout(), key, value, at % kPositionsPerBlock,
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
