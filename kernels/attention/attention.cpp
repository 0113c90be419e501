// Attention from a cache, and the choice of implementations.
#include "kernels/attention/attention.h"

#include <algorithm>
#include <cmath>

#include "kernels/attention/tasks.h"
#include "kernels/attention/tile/tile.h"

namespace tessera::kernels {
namespace {

TileChoice Choose(ElementType type, Score score) {
  const auto kernels = AttentionTileKernels(type, score);
  const auto best = std::ranges::find_if(
      kernels, [](const auto& each) { return each.RunsOn(ActiveIsa()); });
  const auto best_for_few =
      std::find_if(best, kernels.end(), [](const TileImplementation& each) {
        return each.fewest_rows == 0 && each.RunsOn(ActiveIsa());
      });
  return {&*best, &*best_for_few};  // scalar code takes all
}

}  // namespace

const TileChoice& ChooseTiles(ElementType type, Score score) {
  static const TileChoice choices[2][2] = {
      {Choose(ElementType::kF32, Score::kDot),
       Choose(ElementType::kF32, Score::kAdditive)},
      {Choose(ElementType::kBf16, Score::kDot),
       Choose(ElementType::kBf16, Score::kAdditive)}};
  return choices[static_cast<std::size_t>(type)]
                [static_cast<std::size_t>(score)];
}

std::size_t TileChoice::Scratch(std::size_t key_width,
                                std::size_t value_width) const {
  return std::max(best->scratch(key_width, value_width),
                  best_for_few->scratch(key_width, value_width));
}

std::size_t TileScratch(std::size_t key_width,
                        std::size_t value_width) noexcept {
  return LayOutTile(key_width, value_width).floats;
}

std::size_t AmxScratch(std::size_t key_width,
                       std::size_t value_width) noexcept {
  return LayOutAmxTile(key_width, value_width).floats;
}

void AttentionMerge(const AttentionTileArgs& args) noexcept {
  static MergeFn* const best = Select(AttentionMergeKernels());
  best(args);
}

void AdditiveKeys(const float* raw, std::size_t floats, float* keys) noexcept {
  static AdditiveKeysFn* const best = Select(AdditiveKeysKernels());
  best(raw, floats, keys);
}

AttentionShape SelfAttentionShape(std::size_t heads, std::size_t width,
                                  bool causal) {
  return {.heads = heads,
          .kv_heads = heads,
          .key_width = width,
          .value_width = width,
          .scale = 1.0f / std::sqrt(static_cast<float>(width)),
          .causal = causal};
}

void Attention(const AttentionShape& shape, const TypedRows& queries,
               std::span<const AttentionSequence> sequences, Rows<float> out,
               ExecContext& context) {
  if (sequences.empty()) return;
  const ProfileSpan span(context, "attention", [&] {
    return CostOf(shape, sequences, sequences[0].cache.type);
  });
  const BlockLayout layout = {.kv_heads = shape.kv_heads,
                              .key_width = shape.key_width,
                              .value_width = shape.value_width,
                              .type = sequences[0].cache.type};
  RunAttention({.shape = shape,
                .queries = queries,
                .sequences = sequences,
                .out = out,
                .type = layout.type,
                .keys = {layout.key_head_bytes(), layout.key_bytes(), 0},
                .values = {layout.value_head_bytes(), layout.value_bytes(),
                           shape.value_width * sizeof(float)}},
               context);
}

}  // namespace tessera::kernels
