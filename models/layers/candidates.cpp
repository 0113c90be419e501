// From decoder states to candidates.
#include "models/layers/candidates.h"

#include <algorithm>
#include <bit>
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
  grow(state.base, rows);
  grow(state.seen, rows);
  if (state.removed.size() < rows) state.removed.resize(rows);
  state.rows = rows;
}

// Calls fn(row, token) for every token that an edit takes out of a row: those
// suppressed, and those adjusted, which Adjust() puts back.
template <class Fn>
void ForRemoved(const LogitEdits& edits, Fn&& fn) {
  for (const TokenOfRow& edit : edits.suppressed) {
    fn(static_cast<std::size_t>(edit.row), edit.token);
  }
  for (const AdjustedToken& edit : edits.adjusted) {
    fn(static_cast<std::size_t>(edit.row), edit.token);
  }
}

// Makes tokens impossible whose logits, those of tokens from `first` on, have
// come, and keeps what they were.
void Remove(Rows<float> logits, std::size_t first, const LogitEdits& edits,
            ProjectionState& state) {
  std::size_t i = 0;
  ForRemoved(edits, [&](std::size_t row, std::int32_t token) {
    const std::size_t column = static_cast<std::size_t>(token) - first;
    if (column < logits.cols) {  // also not if it came before
      state.taken[i] = std::exchange(logits[row][column], kMinusInfinity);
    }
    ++i;
  });
}

// What the tokens that were removed of each row were worth together.
void SumRemoved(const LogitEdits& edits, ProjectionState& state) {
  std::fill_n(state.removed.begin(), state.rows, double{kMinusInfinity});
  std::size_t i = 0;
  ForRemoved(edits, [&](std::size_t row, std::int32_t) {
    state.removed[row] = LogAdd(state.removed[row], double{state.taken[i++]});
  });
}

Normalisation NormalisationOf(const LogitEdits& edits, std::size_t row) {
  if (edits.normalised.empty()) return kBeforeEdits;
  return static_cast<Normalisation>(edits.normalised[row]);
}

// The score of an adjusted token that was not suppressed, in terms of logits.
float AdjustedLogit(const AdjustedToken& edit, float logit, float base) {
  return Adjusted(edit, logit - base) + base;
}

// base: what takes a row's logits to the scores that are edited: the
// log-sum-exp before the edits, which takes adding the removed mass; or 0.
// log_sum_exp: what takes logits to log-probabilities in the end: the same, or
// the log-sum-exp after the edits.
void FindNormalizers(const LogitEdits& edits, ProjectionState& state) {
  for (std::size_t row = 0; row < state.rows; ++row) {
    const Normalisation kind = NormalisationOf(edits, row);
    float& sum = state.log_sum_exp[row];
    const double removed = state.removed[row];
    float& base = state.base[row];
    base = sum;
    if (kind == kAfterEdits) {
      base = 0;
    } else if (removed != double{kMinusInfinity}) {
      base = static_cast<float>(LogAdd(double{sum}, removed));
    }
    if (kind == kBeforeEdits) sum = base;
  }
  for (std::size_t i = 0; i < edits.adjusted.size(); ++i) {
    const AdjustedToken& edit = edits.adjusted[i];
    const auto row = static_cast<std::size_t>(edit.row);
    const float logit = state.adjusted()[i];
    if (NormalisationOf(edits, row) == kBeforeEdits) continue;
    if (logit == kMinusInfinity) continue;  // suppressed
    const float adjusted = AdjustedLogit(edit, logit, state.base[row]);
    float& sum = state.log_sum_exp[row];
    sum = static_cast<float>(LogAdd(double{sum}, double{adjusted}));
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
    const float logit = state.adjusted()[i];
    if (logit == kMinusInfinity) continue;  // suppressed
    const float base = state.base[row];
    const float value =
        NormalisationOf(edits, row) == kBeforeEdits
            ? Adjusted(edit, logit - base)
            : AdjustedLogit(edit, logit, base) - state.log_sum_exp[row];
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

// Goes on searching, each row by one thread.
void FindBest(Rows<const float> logits, std::size_t first, Rows<float> values,
              Rows<std::int32_t> tokens, ProjectionState& state,
              kernels::ExecContext& context) {
  const kernels::ProfileSpan span(context, "top-k", [&] {
    return kernels::Cost{.bytes = kernels::BytesOf(logits)};
  });
  constexpr double kFlopsPerLogit = 16;  // one exp
  ParallelFor(context, logits.rows,
              kFlopsPerLogit * static_cast<double>(logits.rows * logits.cols),
              [&](std::size_t row, std::size_t) {
                TopKRows(logits.Slice(row, 1), first, values.Slice(row, 1),
                         tokens.Slice(row, 1), &state.seen[row]);
              });
}

// Logits at a time, of all rows: 512 KiB, which stay in L2 between a product
// and the search in what it gives. A power of two of tokens, so that oneDNN
// meets few sizes.
std::size_t TokensAtATime(std::size_t rows, std::size_t vocabulary) {
  constexpr std::size_t kLogits = std::size_t{128} << 10;
  const std::size_t most =
      std::bit_floor(std::max(kLogits / rows, kernels::kTopKBlock));
  return std::min(most, vocabulary);
}

}  // namespace

Candidates ProjectCandidates(Rows<const float> states,
                             const kernels::PackedMatrix& output,
                             const LogitEdits& edits, std::size_t k,
                             ProjectionState& state,
                             kernels::ExecContext& context) {
  const std::size_t rows = states.rows, vocabulary = output.outputs();
  Resize(state, rows, k);
  // Edits of tokens that outputs have get more by one a row and step.
  constexpr std::size_t kMoreEdits = 256;
  const std::size_t taken = edits.suppressed.size() + edits.adjusted.size();
  if (state.taken.capacity() < taken) {
    state.taken.reserve(taken + rows * kMoreEdits);
  }
  state.taken.resize(taken);
  state.adjusted_from = state.taken.size() - edits.adjusted.size();
  const Rows<float> values = Dense(state.log_probs.data(), rows, k);
  const Rows<std::int32_t> tokens = Dense(state.tokens.data(), rows, k);
  const kernels::ProfileScope scope(context, {.block = "vocabulary"});
  const kernels::ProductInParts product(states, output, context);
  const std::size_t most =
      TokensAtATime(std::max<std::size_t>(rows, 1), vocabulary);
  for (std::size_t first = 0; first < vocabulary; first += most) {
    const std::size_t count = std::min(most, vocabulary - first);
    const Rows<float> logits = Dense(context.Work(rows * most), rows, count);
    product.Outputs(first, {}, logits);
    Remove(logits, first, edits, state);
    FindBest(logits, first, values, tokens, state, context);
  }
  for (std::size_t row = 0; row < rows; ++row) {
    state.log_sum_exp[row] = kernels::LogSumExp(state.seen[row]);
  }
  SumRemoved(edits, state);
  FindNormalizers(edits, state);
  Normalise(values, state);
  Adjust(edits, state, values, tokens);
  for (const TokenOfRow& forced : edits.forced) Force(forced, values, tokens);
  return {values, tokens};
}

}  // namespace tessera::models
