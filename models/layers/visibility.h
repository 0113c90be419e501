// Which tokens attention sees: what published systems do about padding, decided
// once a step. Where an architecture has no such rule, nothing here does work.
#ifndef TESSERA_MODELS_LAYERS_VISIBILITY_H_
#define TESSERA_MODELS_LAYERS_VISIBILITY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/attention/attention.h"
#include "models/batch.h"

namespace tessera::models {

// How an architecture treats the padding token.
struct PaddingRule {
  // The token whose keys no query sees, or with `fades` none of the first
  // layer's self-attention, where it sees nothing itself.
  std::optional<std::int32_t> hidden;
  bool fades = false;
  // The token that sources are filled with, up to max_source_tokens.
  std::optional<std::int32_t> filler;
};

// u8 [ids]: 0 where the rule hides a token; empty: nowhere.
std::vector<std::uint8_t> VisibleTokens(const PaddingRule& rule,
                                        std::span<const std::int32_t> ids);

// Of the tokens that an encoder reads.
class SourceVisibility {
 public:
  // ids i32 [sum S], offsets i32 [B + 1]; offsets must outlive it.
  SourceVisibility(const PaddingRule& rule, std::span<const std::int32_t> ids,
                   std::span<const std::int32_t> offsets);

  // Hides tokens from the self-attention of a layer.
  void Apply(std::size_t layer, kernels::AttentionRowsInput& input) const;

  // u8 [sum S]: those that layers behind the first and the decoder see.
  std::vector<std::uint8_t> TakeLasting() &&;

 private:
  bool fades_;
  std::vector<std::uint8_t> visible_;  // u8 [sum S]; empty: all are
  std::vector<std::int32_t> seen_;     // i32 [sum S]: keys that each sees
};

// Of the tokens that the rows of a decoder have read, as they fork and end.
class RowVisibility {
 public:
  RowVisibility(const PaddingRule& rule, std::size_t max_rows,
                std::size_t max_positions);

  // Starts a step.
  void Advance(std::span<const StepRow> rows);

  // Whether some position of a row is hidden.
  bool Hides(std::size_t row) const {
    return rule_.hidden && rows_[row].hidden > 0;
  }
  // Hides positions from the self-attention of a row in a layer.
  void Apply(std::size_t layer, std::size_t row,
             kernels::AttentionSequence& sequence) const;

 private:
  struct Row {
    std::size_t length = 0;  // positions
    std::size_t hidden = 0;  // how many of them are hidden
    std::size_t blind = 0;   // first of its tokens in seen_
    bool has_blind = false;  // some of the tokens it reads see nothing
  };

  Row Inherit(std::size_t row, std::int32_t parent);
  void Read(std::size_t row, std::span<const std::int32_t> tokens);

  PaddingRule rule_;
  std::size_t max_positions_;
  std::vector<Row> rows_, old_rows_;  // [max_rows]
  // u8 [max_rows, positions], of rows that have hidden ones; no memory is taken
  // before one has.
  std::vector<std::uint8_t> visible_, old_visible_;
  std::vector<std::int32_t> seen_;  // i32 [tokens of the step]: keys each sees
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_VISIBILITY_H_
