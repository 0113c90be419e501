// From decoder states to candidates.
#include "models/layers/candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/gemm/multiply.h"
#include "kernels/parallel.h"
#include "kernels/top_k/top_k.h"

namespace tessera::models {

using kernels::Dense;
using kernels::Rows;

namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

// log(e^a + e^b)
double LogAdd(double a, double b) {
  const double high = std::max(a, b);
  if (std::isinf(high)) return high;
  return high + std::log1p(std::exp(std::min(a, b) - high));
}

void Resize(ProjectionState& state, std::size_t rows, std::size_t vocabulary,
            std::size_t k) {
  const auto grow = [](auto& buffer, std::size_t size) {
    if (buffer.size() < size) buffer = std::decay_t<decltype(buffer)>(size);
  };
  grow(state.logits, rows * vocabulary);
  grow(state.log_probs, rows * k);
  grow(state.tokens, rows * k);
  grow(state.log_sum_exp, rows);
  if (state.removed.size() < rows) state.removed.resize(rows);
}

// Makes tokens impossible, and remembers what their logits were worth.
void Suppress(Rows<float> logits, const LogitEdits& edits,
              std::vector<double>& removed) {
  std::fill_n(removed.begin(), logits.rows, double{kMinusInfinity});
  const auto remove = [&](std::size_t row, std::int32_t token) {
    float& logit = logits[row][token];
    removed[row] = LogAdd(removed[row], double{logit});
    logit = kMinusInfinity;
  };
  for (std::size_t row = 0; row < logits.rows; ++row) {
    for (const std::int32_t token : edits.suppressed_everywhere) {
      remove(row, token);
    }
  }
  for (const TokenOfRow& edit : edits.suppressed) {
    remove(static_cast<std::size_t>(edit.row), edit.token);
  }
}

// Logits become log-probabilities: of the logits before the edits, which takes
// adding the removed mass to the log-sum-exp, or of those after.
void Normalise(Rows<float> values, bool renormalize,
               const ProjectionState& state) {
  for (std::size_t row = 0; row < values.rows; ++row) {
    const float after = state.log_sum_exp[row];
    const float log_sum_exp =
        renormalize || state.removed[row] == double{kMinusInfinity}
            ? after
            : static_cast<float>(LogAdd(double{after}, state.removed[row]));
    for (std::size_t i = 0; i < values.cols; ++i) {
      float& value = values[row][i];
      // A row of only -inf has no distribution: all stay impossible.
      value = value == kMinusInfinity ? value : value - log_sum_exp;
    }
  }
}

// A forced token is certain, all others are impossible.
void Force(const TokenOfRow& forced, Rows<float> values,
           Rows<std::int32_t> tokens) {
  const auto row = static_cast<std::size_t>(forced.row);
  std::int32_t other = 0;
  for (std::size_t i = 0; i < values.cols; ++i) {
    if (i > 0 && other == forced.token) ++other;
    tokens[row][i] = i == 0 ? forced.token : other++;
    values[row][i] = i == 0 ? 0.0f : kMinusInfinity;
  }
}

}  // namespace

Candidates ProjectCandidates(Rows<const float> states,
                             const kernels::PackedMatrix& output,
                             const LogitEdits& edits, std::size_t k,
                             ProjectionState& state,
                             kernels::ExecContext& context) {
  const std::size_t rows = states.rows;
  Resize(state, rows, output.outputs(), k);
  const Rows<float> logits = Dense(state.logits.data(), rows, output.outputs());
  const Rows<float> values = Dense(state.log_probs.data(), rows, k);
  const Rows<std::int32_t> tokens = Dense(state.tokens.data(), rows, k);
  Multiply(states, output, {}, logits, context);
  Suppress(logits, edits, state.removed);
  constexpr double kFlopsPerLogit = 16;  // one exp
  ParallelFor(context, rows,
              kFlopsPerLogit * static_cast<double>(rows * output.outputs()),
              [&](std::size_t row, std::size_t) {
                TopKRows(logits.Slice(row, 1), k, values.Slice(row, 1),
                         tokens.Slice(row, 1), &state.log_sum_exp[row]);
              });
  Normalise(values, edits.renormalize, state);
  for (const TokenOfRow& forced : edits.forced) Force(forced, values, tokens);
  return {values, tokens};
}

}  // namespace tessera::models
