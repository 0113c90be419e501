// The best k logits of each row of a vocabulary, with its log-sum-exp.
#ifndef TESSERA_KERNELS_TOP_K_TOP_K_H_
#define TESSERA_KERNELS_TOP_K_TOP_K_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/dispatch.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Largest absolute error of log_sum_exp beyond the rounding of the result to
// float32 (2^-24 of it); top_k_test.cpp checks it per ISA.
inline constexpr float kLogSumExpMaxAbsError = 1e-6f;

// Columns that sums are taken of at a time: blocks of a row start at multiples.
inline constexpr std::size_t kTopKBlock = 512;

// What is known of a row, some of whose columns have been seen.
struct TopKSeen {
  // sum = sum_c exp(logits[c] - shift), of all that are at most `limit`.
  double sum = 0;
  float shift = 0;
  float limit = 0;
  std::int32_t found = 0;  // places of the list that hold an id
};

// Goes on with rows of which columns [0, first) have been seen: finds the k
// largest logits of each so far, largest first, and what LogSumExp() makes
//
//   log(sum_c exp(logits[r][c]))
//
// of, so that the log-probability of an id is its logit less that.
//
//   logits  f32 [rows, n]: columns [first, first + n), stride in elements.
//   values  f32 [rows, k]: logits in falling order.
//   ids     i32 [rows, k]: their columns; of equal logits the lower first.
//   seen    [rows]; nothing has been seen where first is 0, whatever they hold.
//
// Requires: first a multiple of kTopKBlock; 1 <= k; at least k columns in the
//   end, and less than 2^31. No alignment. Meant for small k: an insertion
//   costs O(k), random rows make about k * ln(V / k).
// Edge: a logit of -inf is a forbidden id: it is returned, in id order, only if
//   fewer than k others exist. NaN ranks and is reported as -inf, so that ids
//   are always k different columns. A row of only -inf has the log-sum-exp
//   -inf; NaN or +inf anywhere in a row makes it NaN.
// Error: values and ids are exact; |log-sum-exp - exact| <=
//   kLogSumExpMaxAbsError + 2^-24 * |exact| against float64. Bits do not depend
//   on where a row is cut.
// Cost: 1 pass over memory, in blocks that stay in L1 for a second one that
//   adds 1 exp per element. One thread, no allocation.
// Source: Milakov & Gimelshein 2018, arXiv:1805.02867 (softmax with top-k).
void TopKRows(Rows<const float> logits, std::size_t first, Rows<float> values,
              Rows<std::int32_t> ids, TopKSeen* seen) noexcept;

// Of all columns that have been seen.
float LogSumExp(const TopKSeen& seen) noexcept;

// All implementations in this build, best first, scalar last.
std::span<const Implementation<decltype(TopKRows)>> TopKRowsKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_TOP_K_TOP_K_H_
