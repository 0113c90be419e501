// From decoder states to candidates.
#include "models/layers/candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "kernels/gemm/multiply.h"
#include "kernels/parallel.h"
#include "kernels/profile.h"
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

void Resize(ProjectionState& state, std::size_t rows, std::size_t k) {
  const auto grow = [](auto& buffer, std::size_t size) {
    if (buffer.size() < size) buffer = std::decay_t<decltype(buffer)>(size);
  };
  grow(state.log_probs, rows * k);
  grow(state.tokens, rows * k);
  grow(state.log_sum_exp, rows);
  if (state.removed.size() < rows) state.removed.resize(rows);
  state.rows = rows;
}

// Makes tokens impossible, and remembers what their logits were worth; adjusted
// ones until Adjust puts them back.
void Remove(Rows<float> logits, const LogitEdits& edits,
            ProjectionState& state) {
  std::fill_n(state.removed.begin(), logits.rows, double{kMinusInfinity});
  const auto remove = [&](std::size_t row, std::int32_t token) {
    const float logit = std::exchange(logits[row][token], kMinusInfinity);
    state.removed[row] = LogAdd(state.removed[row], double{logit});
    return logit;
  };
  for (std::size_t row = 0; row < logits.rows; ++row) {
    for (const std::int32_t token : edits.suppressed_everywhere) {
      remove(row, token);
    }
  }
  for (const TokenOfRow& edit : edits.suppressed) {
    remove(static_cast<std::size_t>(edit.row), edit.token);
  }
  state.adjusted.clear();
  for (const AdjustedToken& edit : edits.adjusted) {
    state.adjusted.push_back(
        remove(static_cast<std::size_t>(edit.row), edit.token));
  }
}

float Adjusted(const AdjustedToken& edit, float score) {
  return (score < 0 ? score * edit.penalty : score / edit.penalty) +
         edit.addend;
}

bool IsRenormalized(const LogitEdits& edits, std::size_t row) {
  return !edits.renormalized.empty() && edits.renormalized[row] != 0;
}

// What takes a row's logits to log-probabilities: the log-sum-exp of the logits
// before the edits, which takes adding the removed mass, or of those after.
void FindNormalizers(const LogitEdits& edits, ProjectionState& state) {
  for (std::size_t i = 0; i < edits.adjusted.size(); ++i) {
    const auto row = static_cast<std::size_t>(edits.adjusted[i].row);
    if (!IsRenormalized(edits, row)) continue;
    float& sum = state.log_sum_exp[row];
    const float logit = Adjusted(edits.adjusted[i], state.adjusted[i]);
    sum = static_cast<float>(LogAdd(double{sum}, double{logit}));
  }
  for (std::size_t row = 0; row < state.rows; ++row) {
    const double removed = state.removed[row];
    if (IsRenormalized(edits, row) || removed == double{kMinusInfinity}) {
      continue;
    }
    float& sum = state.log_sum_exp[row];
    sum = static_cast<float>(LogAdd(double{sum}, removed));
  }
}

void Normalise(Rows<float> values, const ProjectionState& state) {
  for (std::size_t row = 0; row < values.rows; ++row) {
    for (std::size_t i = 0; i < values.cols; ++i) {
      float& value = values[row][i];
      // A row of only -inf has no distribution: all stay impossible.
      value = value == kMinusInfinity ? value : value - state.log_sum_exp[row];
    }
  }
}

// Puts a token back among the candidates of a row, at its place.
void Insert(float value, std::int32_t token, std::span<float> values,
            std::span<std::int32_t> tokens) {
  // It stands among them with -inf where the vocabulary is that small.
  std::size_t at = values.size() - 1;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] == token) at = i;
  }
  const auto comes_before = [&](std::size_t i) {
    return value > values[i] || (value == values[i] && token < tokens[i]);
  };
  if (tokens[at] != token && !comes_before(at)) return;
  for (; at > 0 && comes_before(at - 1); --at) {
    values[at] = values[at - 1];
    tokens[at] = tokens[at - 1];
  }
  values[at] = value;
  tokens[at] = token;
}

void Adjust(const LogitEdits& edits, const ProjectionState& state,
            Rows<float> values, Rows<std::int32_t> tokens) {
  for (std::size_t i = 0; i < edits.adjusted.size(); ++i) {
    const AdjustedToken& edit = edits.adjusted[i];
    const auto row = static_cast<std::size_t>(edit.row);
    if (state.adjusted[i] == kMinusInfinity) continue;  // suppressed
    const float sum = state.log_sum_exp[row];
    const float value = IsRenormalized(edits, row)
                            ? Adjusted(edit, state.adjusted[i]) - sum
                            : Adjusted(edit, state.adjusted[i] - sum);
    Insert(value, edit.token, {values[row], values.cols},
           {tokens[row], tokens.cols});
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
  Resize(state, rows, k);
  const Rows<float> logits =
      Dense(context.Work(rows * output.outputs()), rows, output.outputs());
  const Rows<float> values = Dense(state.log_probs.data(), rows, k);
  const Rows<std::int32_t> tokens = Dense(state.tokens.data(), rows, k);
  const kernels::ProfileScope scope(context, {.block = "vocabulary"});
  Multiply(states, output, {}, logits, context);
  const kernels::ProfileSpan span(context, "top-k", [&] {
    return kernels::Cost{.bytes = kernels::BytesOf(logits)};
  });
  Remove(logits, edits, state);
  constexpr double kFlopsPerLogit = 16;  // one exp
  ParallelFor(context, rows,
              kFlopsPerLogit * static_cast<double>(rows * output.outputs()),
              [&](std::size_t row, std::size_t) {
                TopKRows(logits.Slice(row, 1), k, values.Slice(row, 1),
                         tokens.Slice(row, 1), &state.log_sum_exp[row]);
              });
  FindNormalizers(edits, state);
  Normalise(values, state);
  Adjust(edits, state, values, tokens);
  for (const TokenOfRow& forced : edits.forced) Force(forced, values, tokens);
  return {values, tokens};
}

}  // namespace tessera::models
