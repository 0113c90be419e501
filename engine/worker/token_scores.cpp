// Logits by the model, log-sum-exp by the kernel that searches use.
#include "engine/worker/token_scores.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "engine/search/search.h"
#include "kernels/aligned_buffer.h"
#include "kernels/top_k/top_k.h"

namespace tessera::engine {
namespace {

constexpr std::size_t kLogits = std::size_t{256} << 10;

float LogSumExp(kernels::Rows<const float> row) {
  float best = 0;
  std::int32_t id = 0;
  kernels::TopKSeen seen;
  kernels::TopKRows(row, 0, {&best, 1, 1, 1}, {&id, 1, 1, 1}, &seen);
  return kernels::LogSumExp(seen);
}

}  // namespace

std::vector<float> TokenScores(const models::Model& model,
                               kernels::Rows<const float> states,
                               std::span<const std::int32_t> ids,
                               std::span<const std::int32_t> suppressed,
                               kernels::ExecContext& context) {
  const std::size_t vocabulary = model.info().target_vocabulary;
  const std::size_t rows =
      std::clamp<std::size_t>(kLogits / vocabulary, 1, ids.size());
  kernels::AlignedBuffer<float> buffer(rows * vocabulary,
                                       kernels::kUninitialised);
  std::vector<float> scores;
  scores.reserve(ids.size());
  for (std::size_t first = 0; first < ids.size(); first += rows) {
    const kernels::Rows<float> logits = {buffer.data(),
                                         std::min(rows, ids.size() - first),
                                         vocabulary, vocabulary};
    model.Logits(states.Slice(first, logits.rows), logits, context);
    for (std::size_t i = 0; i < logits.rows; ++i) {
      for (const std::int32_t token : suppressed) {
        logits[i][token] = -std::numeric_limits<float>::infinity();
      }
      scores.push_back(logits[i][ids[first + i]] -
                       LogSumExp(logits.Slice(i, 1)));
      if (std::isnan(scores.back())) ThrowNoToken();
    }
  }
  return scores;
}

}  // namespace tessera::engine
