// The keys and values that decoding keeps.
#include "models/layers/kv_cache.h"

#include <algorithm>
#include <utility>

namespace tessera::models {

using kernels::BlocksFor;
using kernels::KeyValueBlocks;
using kernels::kPositionsPerBlock;

namespace {

// Positions of a row that have room from the start; longer rows double it.
constexpr std::size_t kFirstPositions = 64;

}  // namespace

RowCache::RowCache(std::size_t layers, const kernels::BlockLayout& layout,
                   std::size_t max_sentences, std::size_t max_rows)
    : pool_(layers, layout, max_rows),
      sentences_(max_sentences),
      max_rows_(max_rows),
      longest_(kFirstPositions),
      places_(max_rows * longest_),
      old_places_(max_rows * longest_) {
  rows_.reserve(max_rows);
  old_rows_.reserve(max_rows);
  for (Sentence& sentence : sentences_) {
    sentence.table.reserve(BlocksFor(HistoryTree::kFirstPlaces));
  }
}

void RowCache::Advance(std::span<const StepRow> rows) {
  FitPlaces(rows);
  rows_.swap(old_rows_);
  places_.swap(old_places_);
  rows_.clear();
  rows_.resize(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) Inherit(r, rows[r]);
  for (const Row& old : old_rows_) {
    sentences_[old.sentence].tree.Release(old.node);
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Extend(r, rows[r].tokens.size());
  }
  for (const Row& row : old_rows_) FitBlocks(sentences_[row.sentence]);
  for (const Row& row : rows_) FitBlocks(sentences_[row.sentence]);
}

// Makes room for places of the longest row.
void RowCache::FitPlaces(std::span<const StepRow> rows) {
  std::size_t longest = 0;
  for (const StepRow& row : rows) {
    const auto parent = static_cast<std::size_t>(row.parent);
    const std::size_t length = row.parent < 0 ? 0 : rows_[parent].length;
    longest = std::max(longest, length + row.tokens.size());
  }
  if (longest <= longest_) return;
  longest = std::max(longest, 2 * longest_);
  std::vector<std::int32_t> wider(max_rows_ * longest);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    std::copy_n(&places_[r * longest_], rows_[r].length, &wider[r * longest]);
  }
  places_ = std::move(wider);
  old_places_.assign(places_.size(), 0);
  longest_ = longest;
}

// The parent's path, with a beam more on it.
void RowCache::Inherit(std::size_t row, const StepRow& step) {
  Row& own = rows_[row];
  if (step.parent >= 0) {
    const auto parent = static_cast<std::size_t>(step.parent);
    own = old_rows_[parent];
    std::copy_n(&old_places_[parent * longest_], own.length,
                &places_[row * longest_]);
  }
  own.sentence = static_cast<std::size_t>(step.sentence);
  sentences_[own.sentence].tree.Hold(own.node);
}

void RowCache::Extend(std::size_t row, std::size_t tokens) {
  Row& own = rows_[row];
  for (std::size_t i = 0; i < tokens; ++i, ++own.length) {
    own.node = sentences_[own.sentence].tree.Grow(own.node);
    places_[row * longest_ + own.length] = own.node;
    own.straight =
        own.straight && static_cast<std::size_t>(own.node) == own.length;
  }
}

void RowCache::FitBlocks(Sentence& sentence) {
  const std::size_t blocks = BlocksFor(sentence.tree.places());
  while (sentence.table.size() > blocks) {
    pool_.Drop(sentence.table.back());
    sentence.table.pop_back();
  }
  while (sentence.table.size() < blocks) {
    sentence.table.push_back(pool_.Take());
  }
}

void RowCache::Write(std::size_t layer, std::size_t row, std::size_t position,
                     const kernels::TypedRows& key,
                     const kernels::TypedRows& value) {
  const auto place =
      static_cast<std::size_t>(places_[row * longest_ + position]);
  const Sentence& sentence = sentences_[rows_[row].sentence];
  AppendPositions(
      pool_.layout(), key, value, place % kPositionsPerBlock,
      pool_.Block(layer, sentence.table[place / kPositionsPerBlock]));
}

KeyValueBlocks RowCache::View(std::size_t layer, std::size_t row) const {
  const Row& own = rows_[row];
  return pool_.View(layer, sentences_[own.sentence].table.data(), own.length);
}

kernels::KeyPlaces RowCache::places(std::size_t row) const {
  return {.data = &places_[row * longest_],
          .row_stride = longest_,
          .stored = sentences_[rows_[row].sentence].tree.places()};
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
