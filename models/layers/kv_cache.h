// The keys and values that decoding keeps: of its own tokens by row, of the
// source by sentence.
#ifndef TESSERA_MODELS_LAYERS_KV_CACHE_H_
#define TESSERA_MODELS_LAYERS_KV_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/attention/cache/key_value_blocks.h"
#include "kernels/attention/shape.h"
#include "kernels/views.h"
#include "models/batch.h"
#include "models/layers/block_pool.h"
#include "models/layers/history_tree.h"

namespace tessera::models {

// Self-attention keys and values of the rows of a step (beams). The rows of a
// sentence share one cache: what they have read in common is there once, and
// nothing is copied when they fork.
class RowCache {
 public:
  // Room for sentences 0 to max_sentences - 1 and max_rows rows.
  RowCache(std::size_t layers, const kernels::BlockLayout& layout,
           std::size_t max_sentences, std::size_t max_rows);

  // Starts a step, whose rows continue those of the step before or are new, and
  // gets them room for their tokens. A row's parent is of the same sentence.
  void Advance(std::span<const StepRow> rows);

  // Rows of the step.
  std::size_t size() const { return rows_.size(); }
  // Positions of a row, those of this step included.
  std::size_t length(std::size_t row) const { return rows_[row].length; }

  // Writes the key [1, H * K] and value [1, H * C] of one layer at a new
  // position.
  void Write(std::size_t layer, std::size_t row, std::size_t position,
             const kernels::TypedRows& key, const kernels::TypedRows& value);

  // All positions of a row, the new ones included, and where they stand; the
  // rows behind it follow at places().row_stride.
  kernels::KeyValueBlocks View(std::size_t layer, std::size_t row) const;
  kernels::KeyPlaces places(std::size_t row) const;
  // Whether every position of the row stands at the place of its number.
  bool straight(std::size_t row) const { return rows_[row].straight; }

  std::size_t blocks_in_use() const { return pool_.used(); }

 private:
  struct Row {
    std::size_t sentence = 0;
    std::int32_t node = HistoryTree::kRoot;
    std::size_t length = 0;
    bool straight = true;
  };
  struct Sentence {
    HistoryTree tree;
    std::vector<std::int32_t> table;  // blocks of its places
  };

  void Inherit(std::size_t row, const StepRow& step);
  void Extend(std::size_t row, std::size_t tokens);
  void FitBlocks(Sentence& sentence);
  void FitPlaces(std::span<const StepRow> rows);

  BlockPool pool_;
  std::vector<Sentence> sentences_;
  std::vector<Row> rows_, old_rows_;
  std::size_t max_rows_;
  std::size_t
      longest_;  // positions that there is room for in the places of ...
  std::vector<std::int32_t> places_, old_places_;  // ... each row
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
