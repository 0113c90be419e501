// Cross-attention, a mean of its layers and heads, and the best of each row.
#include "engine/worker/alignment.h"

#include <algorithm>
#include <cstddef>

namespace tessera::engine {
namespace {

using models::AttentionMap;

// The maps of a choice: [layer or all of them].
std::span<const AttentionMap> Chosen(const std::vector<AttentionMap>& layers,
                                     const AlignmentChoice& choice) {
  const std::span<const AttentionMap> all = layers;
  return choice.layer ? all.subspan(*choice.layer, 1) : all;
}

// f32 [T, S]: the mean of the chosen layers and heads, of the last T queries.
std::vector<float> Mean(std::span<const AttentionMap> layers,
                        const AlignmentChoice& choice, std::size_t tokens) {
  const std::size_t keys = layers.front().keys;
  std::vector<float> mean(tokens * keys);
  std::size_t maps = 0;
  for (const AttentionMap& layer : layers) {
    const std::size_t first = (layer.queries - tokens) * keys;
    for (std::size_t head = 0; head < layer.heads; ++head) {
      if (choice.head && head != *choice.head) continue;
      const float* const weights =
          layer.weights.data() + head * layer.queries * keys + first;
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += weights[i];
      ++maps;
    }
  }
  for (float& weight : mean) weight /= static_cast<float>(maps);
  return mean;
}

bool EndsWithEos(std::span<const std::int32_t> ids,
                 const models::ModelInfo& model) {
  return !ids.empty() &&
         std::ranges::count(model.generation.eos_token_ids, ids.back()) > 0;
}

// The best source token of each output token; ends of sentences take no part.
std::vector<std::int32_t> Best(std::span<const float> attention,
                               std::span<const std::int32_t> source,
                               std::span<const std::int32_t> ids,
                               const models::ModelInfo& model) {
  const std::size_t keys = source.size();
  const std::size_t columns =
      keys > 1 && EndsWithEos(source, model) ? keys - 1 : keys;
  std::vector<std::int32_t> best(ids.size(), -1);
  const std::size_t rows =
      EndsWithEos(ids, model) ? ids.size() - 1 : ids.size();
  for (std::size_t row = 0; row < rows; ++row) {
    const auto weights = attention.subspan(row * keys, columns);
    best[row] = static_cast<std::int32_t>(std::ranges::max_element(weights) -
                                          weights.begin());
  }
  return best;
}

}  // namespace

std::vector<std::int32_t> Align(const AlignedText& text,
                                const AlignmentChoice& choice,
                                const models::Model& model,
                                std::span<Hypothesis> outputs,
                                kernels::ExecContext& context) {
  std::vector<std::int32_t> source(text.source.begin(), text.source.end());
  for (Hypothesis& output : outputs) {
    if (output.ids.empty()) continue;
    std::vector<std::int32_t> reads(text.prompt.begin(), text.prompt.end());
    reads.insert(reads.end(), output.ids.begin(), output.ids.end() - 1);
    models::AttentionMaps maps = model.Explain(text.source, reads, context);
    source = std::move(maps.source);
    output.attention =
        Mean(Chosen(maps.cross, choice), choice, output.ids.size());
    output.alignment = Best(output.attention, source, output.ids, model.info());
  }
  return source;
}

}  // namespace tessera::engine
