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

// Finds the k largest logits of each row, largest first, and
//
//   log_sum_exp[r] = log(sum_c exp(logits[r][c]))
//
// so that the log-probability of an id is its logit - log_sum_exp.
//
//   logits       f32 [rows, V], stride in elements.
//   values       f32 [rows, k]: logits in falling order.
//   ids          i32 [rows, k]: their columns; of equal logits the lower first.
//   log_sum_exp  f32 [rows]; nullptr: not wanted (greedy search), not computed.
//
// Requires: 1 <= k <= V < 2^31. No alignment. Meant for small k: an insertion
//   costs O(k), random rows make about k * ln(V / k).
// Edge: a logit of -inf is a forbidden id: it is returned, in id order, only if
//   fewer than k others exist. NaN ranks and is reported as -inf, so that ids
//   are always k different columns. A row of only -inf has log_sum_exp -inf;
//   NaN or +inf anywhere in a row makes its log_sum_exp NaN.
// Error: values and ids are exact; |log_sum_exp - exact| <=
//   kLogSumExpMaxAbsError + 2^-24 * |exact| against float64.
// Cost: 1 pass over memory, in blocks that stay in L1 for a second one that
// adds
//   1 exp per element if log_sum_exp is wanted. One thread, no allocation.
// Source: Milakov & Gimelshein 2018, arXiv:1805.02867 (softmax with top-k).
void TopKRows(Rows<const float> logits, std::size_t k, Rows<float> values,
              Rows<std::int32_t> ids, float* log_sum_exp) noexcept;

// All implementations in this build, best first, scalar last.
std::span<const Implementation<decltype(TopKRows)>> TopKRowsKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_TOP_K_TOP_K_H_
