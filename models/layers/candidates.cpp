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
#include "models/output_list.h"

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

// Rows [first, first + count), which choose from the same tokens.
struct Run {
  const OutputList* list;  // nullptr: from all
  std::size_t first;
  std::size_t count;
};

// Calls fn(run) for all rows, run by run.
template <class Fn>
void ForRuns(const LogitEdits& edits, std::size_t rows, Fn&& fn) {
  const auto list = [&](std::size_t row) {
    return edits.lists.empty() ? nullptr : edits.lists[row];
  };
  for (std::size_t first = 0, end = 0; first < rows; first = end) {
    while (end < rows && list(end) == list(first)) ++end;
    fn(Run{list(first), first, end - first});
  }
}

// Makes tokens impossible whose logits in the rows of the run have come, at
// column_of(token), and keeps what they were.
template <class ColumnOf>
void Remove(Rows<float> logits, const Run& run, const LogitEdits& edits,
            ProjectionState& state, ColumnOf&& column_of) {
  std::size_t i = 0;
  ForRemoved(edits, [&](std::size_t edited, std::int32_t token) {
    float& taken = state.taken[i++];
    const std::size_t row = edited - run.first;
    if (row >= run.count) return;
    const std::size_t column = column_of(token);
    if (column >= logits.cols) return;  // before or after these, or not listed
    taken = std::exchange(logits[row][column], kMinusInfinity);
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

// Where the best of each row are found.
struct Best {
  Rows<float> values;         // [rows, k]
  Rows<std::int32_t> tokens;  // [rows, k]
  kernels::TopKSeen* seen;    // [rows]

  Best Slice(std::size_t first, std::size_t count) const {
    return {values.Slice(first, count), tokens.Slice(first, count),
            seen + first};
  }
};

// Calls search(row) for each row of logits, each by one thread.
template <class Search>
void SearchRows(Rows<const float> logits, kernels::ExecContext& context,
                Search&& search) {
  const kernels::ProfileSpan span(context, "top-k", [&] {
    return kernels::Cost{.bytes = kernels::BytesOf(logits)};
  });
  constexpr double kFlopsPerLogit = 16;  // one exp
  ParallelFor(context, logits.rows,
              kFlopsPerLogit * static_cast<double>(logits.rows * logits.cols),
              [&](std::size_t row, std::size_t) { search(row); });
}

// Goes on searching in tokens from `first` on.
void FindBest(Rows<const float> logits, std::size_t first, const Best& best,
              kernels::ExecContext& context) {
  SearchRows(logits, context, [&](std::size_t row) {
    const Best own = best.Slice(row, 1);
    TopKRows(logits.Slice(row, 1), first, own.values, own.tokens, own.seen);
  });
}

// The best of one row whose logits are those of a list; behind them, if the
// list is that short, tokens that it lacks, which are impossible.
void FindListed(Rows<const float> logits, std::span<const std::int32_t> ids,
                const Best& best) {
  const std::size_t k = best.values.cols;
  const std::size_t found = std::min(k, ids.size());
  TopKRows(logits, 0, best.values.Columns(0, found),
           best.tokens.Columns(0, found), best.seen);
  std::int32_t* const tokens = best.tokens[0];
  for (std::size_t i = 0; i < found; ++i) {
    tokens[i] = ids[static_cast<std::size_t>(tokens[i])];
  }
  std::int32_t lacked = 0;
  auto listed = ids.begin();
  for (std::size_t i = found; i < k; ++i, ++lacked) {
    for (; listed != ids.end() && *listed == lacked; ++listed) ++lacked;
    tokens[i] = lacked;
    best.values[0][i] = kMinusInfinity;
  }
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

// Finds the best of the rows of a run in the whole vocabulary.
void SearchAll(Rows<const float> states, const kernels::PackedMatrix& output,
               const LogitEdits& edits, const Run& run, const Best& best,
               ProjectionState& state, kernels::ExecContext& context) {
  const std::size_t vocabulary = output.outputs();
  const std::size_t most = TokensAtATime(run.count, vocabulary);
  const kernels::ProductInParts product(states.Slice(run.first, run.count),
                                        output, context);
  for (std::size_t first = 0; first < vocabulary; first += most) {
    const std::size_t count = std::min(most, vocabulary - first);
    const Rows<float> logits =
        Dense(context.Work(run.count * most), run.count, count);
    product.Outputs(first, {}, logits);
    Remove(logits, run, edits, state, [&](std::int32_t token) {
      return static_cast<std::size_t>(token) - first;
    });
    FindBest(logits, first, best.Slice(run.first, run.count), context);
  }
}

// Finds the best of the rows of a run in their list.
void SearchList(Rows<const float> states, const LogitEdits& edits,
                const Run& run, const Best& best, ProjectionState& state,
                kernels::ExecContext& context) {
  const std::vector<std::int32_t>& ids = run.list->ids;
  const Rows<float> logits =
      Dense(context.Work(run.count * ids.size()), run.count, ids.size());
  kernels::Multiply(states.Slice(run.first, run.count), run.list->weights, {},
                    logits, context);
  Remove(logits, run, edits, state, [&](std::int32_t token) {
    const auto place = std::ranges::lower_bound(ids, token);
    const bool listed = place != ids.end() && *place == token;
    return listed ? static_cast<std::size_t>(place - ids.begin()) : ids.size();
  });
  SearchRows(logits, context, [&](std::size_t row) {
    FindListed(logits.Slice(row, 1), ids, best.Slice(run.first + row, 1));
  });
}

}  // namespace

Candidates ProjectCandidates(Rows<const float> states,
                             const kernels::PackedMatrix& output,
                             const LogitEdits& edits, std::size_t k,
                             ProjectionState& state,
                             kernels::ExecContext& context) {
  const std::size_t rows = states.rows;
  Resize(state, rows, k);
  // Edits of tokens that outputs have get more by one a row and step.
  constexpr std::size_t kMoreEdits = 256;
  const std::size_t taken = edits.suppressed.size() + edits.adjusted.size();
  if (state.taken.capacity() < taken) {
    state.taken.reserve(taken + rows * kMoreEdits);
  }
  state.taken.assign(taken, kMinusInfinity);  // what a list lacks
  state.adjusted_from = state.taken.size() - edits.adjusted.size();
  const Best best = {Dense(state.log_probs.data(), rows, k),
                     Dense(state.tokens.data(), rows, k), state.seen.data()};
  const kernels::ProfileScope scope(context, {.block = "vocabulary"});
  ForRuns(edits, rows, [&](const Run& run) {
    if (run.list) return SearchList(states, edits, run, best, state, context);
    SearchAll(states, output, edits, run, best, state, context);
  });
  for (std::size_t row = 0; row < rows; ++row) {
    state.log_sum_exp[row] = kernels::LogSumExp(state.seen[row]);
  }
  SumRemoved(edits, state);
  FindNormalizers(edits, state);
  Normalise(best.values, state);
  Adjust(edits, state, best.values, best.tokens);
  for (const TokenOfRow& forced : edits.forced) {
    Force(forced, best.values, best.tokens);
  }
  return {best.values, best.tokens};
}

}  // namespace tessera::models
