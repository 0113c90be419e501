// The edits one after the other, densely.
#include "models/row_scores.h"

#include <algorithm>
#include <limits>

#include "kernels/top_k/top_k.h"
#include "models/output_list.h"

namespace tessera::models {
namespace {

using kernels::Rows;

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

// Log-softmax; a row of only -inf has no distribution and stays.
void Normalise(float* row, std::size_t columns) {
  float best = 0;
  std::int32_t id = 0;
  kernels::TopKSeen seen;
  kernels::TopKRows(kernels::Dense<const float>(row, 1, columns), 0,
                    kernels::Dense(&best, 1, 1), kernels::Dense(&id, 1, 1),
                    &seen);
  const float sum = kernels::LogSumExp(seen);
  if (sum == kMinusInfinity) return;
  for (std::size_t i = 0; i < columns; ++i) row[i] -= sum;
}

// Makes impossible what the lists of rows lack.
void KeepListed(const LogitEdits& edits, Rows<float> rows) {
  for (std::size_t row = 0; row < edits.lists.size(); ++row) {
    if (!edits.lists[row]) continue;
    std::size_t token = 0;
    for (const std::int32_t id : edits.lists[row]->ids) {
      const auto listed = static_cast<std::size_t>(id);
      std::fill(rows[row] + token, rows[row] + listed, kMinusInfinity);
      token = listed + 1;
    }
    std::fill(rows[row] + token, rows[row] + rows.cols, kMinusInfinity);
  }
}

void NormaliseAll(const LogitEdits& edits, Rows<float> rows,
                  Normalisation unless) {
  for (std::size_t row = 0; row < rows.rows; ++row) {
    const auto kind = edits.normalised.empty()
                          ? kBeforeEdits
                          : static_cast<Normalisation>(edits.normalised[row]);
    if (kind != unless) Normalise(rows[row], rows.cols);
  }
}

}  // namespace

void EditRows(const LogitEdits& edits, Rows<float> rows) noexcept {
  const auto at = [&](std::int32_t row, std::int32_t token) -> float& {
    return rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(token)];
  };
  KeepListed(edits, rows);
  NormaliseAll(edits, rows, kAfterEdits);
  for (const AdjustedToken& edit : edits.adjusted) {
    float& score = at(edit.row, edit.token);
    if (score != kMinusInfinity) score = Adjusted(edit, score);
  }
  for (const TokenOfRow& edit : edits.suppressed) {
    at(edit.row, edit.token) = kMinusInfinity;
  }
  NormaliseAll(edits, rows, kBeforeEdits);
  for (const TokenOfRow& edit : edits.forced) {
    float* const row = rows[static_cast<std::size_t>(edit.row)];
    std::fill_n(row, rows.cols, kMinusInfinity);
    at(edit.row, edit.token) = 0;
  }
}

}  // namespace tessera::models
