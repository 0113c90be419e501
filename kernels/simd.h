// Portable SIMD vocabulary of the kernels: xsimd, and what it lacks.
//
// Included by ISA files (`*_avx2.cpp`, `*_avx512.cpp`, through `*_impl.h`)
// only. Everything is in an anonymous namespace and forced inline, so that no
// object compiled for a wide CPU exports a function that baseline code might
// link to. Raw intrinsics stand here where xsimd 8.1 has no operation (masked
// load and store, lane shuffles) or no native one (AVX-512 fma: it multiplies,
// then adds).
#ifndef TESSERA_KERNELS_SIMD_H_
#define TESSERA_KERNELS_SIMD_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <xsimd/xsimd.hpp>

#define TESSERA_INLINE [[gnu::always_inline]] inline

namespace tessera::kernels {
namespace {

using Avx2 = xsimd::fma3<xsimd::avx2>;
#ifdef __AVX512F__
using Avx512 = xsimd::avx512bw;
#endif

// A register of f32: 8 lanes on AVX2, 16 on AVX-512.
template <class Arch>
using F32 = xsimd::batch<float, Arch>;
template <class Arch>
inline constexpr std::size_t kLanes = F32<Arch>::size;

template <class Arch>
TESSERA_INLINE F32<Arch> Broadcast(float x) {
  return F32<Arch>(x);
}
template <class Arch>
TESSERA_INLINE F32<Arch> Zero() {
  return F32<Arch>(0.0f);
}

// Loads and stores need no alignment.
template <class Arch>
TESSERA_INLINE F32<Arch> Load(const float* p) {
  return F32<Arch>::load_unaligned(p);
}
template <class Arch>
TESSERA_INLINE void Store(float* p, F32<Arch> v) {
  v.store_unaligned(p);
}

// The first n lanes, 0 <= n <= kLanes. Memory behind them is not touched; the
// other lanes of a load are zero.
template <class Arch>
struct FirstLanes;

alignas(64) constexpr std::int32_t kLaneMasks[16] = {
    -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
template <>
struct FirstLanes<Avx2> {
  __m256i mask;
  TESSERA_INLINE explicit FirstLanes(std::size_t n)
      : mask(_mm256_loadu_si256(
            reinterpret_cast<const __m256i*>(kLaneMasks + 8 - n))) {}
  TESSERA_INLINE F32<Avx2> Load(const float* p) const {
    return _mm256_maskload_ps(p, mask);
  }
  TESSERA_INLINE void Store(float* p, F32<Avx2> v) const {
    _mm256_maskstore_ps(p, mask, v);
  }
  TESSERA_INLINE F32<Avx2> Select(F32<Avx2> a, F32<Avx2> b) const {
    return _mm256_blendv_ps(b, a, _mm256_castsi256_ps(mask));
  }
};

// Calls full(i) for each whole register of n elements, then tail(i, first) for
// the rest: the one place where loops end.
template <class Arch, class Full, class Tail>
TESSERA_INLINE void ForLanes(std::size_t n, Full&& full, Tail&& tail) {
  std::size_t i = 0;
  for (; i + kLanes<Arch> <= n; i += kLanes<Arch>) full(i);
  if (i < n) tail(i, FirstLanes<Arch>(n - i));
}

// All lanes, with the interface of FirstLanes.
template <class Arch>
struct AllLanes {
  TESSERA_INLINE F32<Arch> Load(const float* p) const {
    return kernels::Load<Arch>(p);
  }
  TESSERA_INLINE void Store(float* p, F32<Arch> v) const {
    kernels::Store<Arch>(p, v);
  }
};

// As ForLanes, with one body(i, lanes) for both: lanes is AllLanes or
// FirstLanes.
template <class Arch, class Body>
TESSERA_INLINE void MapLanes(std::size_t n, Body&& body) {
  ForLanes<Arch>(
      n, [&](std::size_t i) { body(i, AllLanes<Arch>()); },
      [&](std::size_t i, FirstLanes<Arch> first) { body(i, first); });
}

// As ForLanes, with full(i, u) called for u = 0, 1, 2, 3 in turn: a reduction
// keeps four chains, which hides a latency of 4 on one port or 2 on two. What
// is left behind groups of four goes to chain 0.
template <class Arch, class Full, class Tail>
TESSERA_INLINE void ForLanes4(std::size_t n, Full&& full, Tail&& tail) {
  constexpr std::size_t kStep = kLanes<Arch>;
  std::size_t i = 0;
  for (; i + 4 * kStep <= n; i += 4 * kStep) {
    full(i, std::size_t{0});
    full(i + kStep, std::size_t{1});
    full(i + 2 * kStep, std::size_t{2});
    full(i + 3 * kStep, std::size_t{3});
  }
  for (; i + kStep <= n; i += kStep) full(i, std::size_t{0});
  if (i < n) tail(i, FirstLanes<Arch>(n - i));
}

// Calls fn.template operator()<n>() for 1 <= n <= kMost: a number of rows that
// is a constant inside, so that accumulators stay in registers.
template <std::size_t kMost, class Fn>
TESSERA_INLINE void DispatchRows(std::size_t n, Fn&& fn) {
  if constexpr (kMost > 1) {
    if (n < kMost) return DispatchRows<kMost - 1>(n, fn);
  }
  fn.template operator()<kMost>();
}

// a * b + c, rounded once.
TESSERA_INLINE F32<Avx2> Fma(F32<Avx2> a, F32<Avx2> b, F32<Avx2> c) {
  return _mm256_fmadd_ps(a, b, c);
}

// max(a, b), b if either is NaN (x86 order).
template <class Arch>
TESSERA_INLINE F32<Arch> Max(F32<Arch> a, F32<Arch> b) {
  return xsimd::max(a, b);
}
template <class Arch>
TESSERA_INLINE F32<Arch> Min(F32<Arch> a, F32<Arch> b) {
  return xsimd::min(a, b);
}

// Lane-wise a < b ? x : y.
TESSERA_INLINE F32<Avx2> SelectLess(F32<Avx2> a, F32<Avx2> b, F32<Avx2> x,
                                    F32<Avx2> y) {
  return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

TESSERA_INLINE F32<Avx2> Abs(F32<Avx2> x) {
  return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x);
}
// Bit i is set if lane i of a is greater than that of b, or not smaller; not if
// either is NaN.
TESSERA_INLINE unsigned GreaterLanes(F32<Avx2> a, F32<Avx2> b) {
  return static_cast<unsigned>(
      _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)));
}
TESSERA_INLINE unsigned NotSmallerLanes(F32<Avx2> a, F32<Avx2> b) {
  return static_cast<unsigned>(
      _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ)));
}

// Whether any lane is NaN (xsimd 8.1 compares ordered: v != v finds none).
TESSERA_INLINE bool AnyNan(F32<Avx2> v) {
  return _mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)) != 0;
}

// Horizontal reductions: halves are folded upper on lower until one is left.
template <class Op>
TESSERA_INLINE float Fold(F32<Avx2> v, Op&& op) {
  const __m128 low = _mm256_castps256_ps128(v);
  const __m128 four = op(low, _mm256_extractf128_ps(v, 1));
  const __m128 two = op(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(op(two, _mm_movehdup_ps(two)));
}
TESSERA_INLINE float ReduceAdd(F32<Avx2> v) {
  return Fold(v, [](__m128 a, __m128 b) { return _mm_add_ps(a, b); });
}
TESSERA_INLINE float ReduceMax(F32<Avx2> v) {
  return Fold(v, [](__m128 a, __m128 b) { return _mm_max_ps(a, b); });
}

// x rounded to the nearest integer, ties to even.
TESSERA_INLINE F32<Avx2> Round(F32<Avx2> x) {
  return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// a < b ? 0 : x * 2^n, for integral n in [-126, 127] and results in the normal
// range.
TESSERA_INLINE F32<Avx2> ScaleUnlessLess(F32<Avx2> x, F32<Avx2> n, F32<Avx2> a,
                                         F32<Avx2> b) {
  const __m256i shift = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
  const __m256i bits = _mm256_add_epi32(_mm256_castps_si256(x), shift);
  return _mm256_and_ps(_mm256_cmp_ps(a, b, _CMP_NLT_UQ),
                       _mm256_castsi256_ps(bits));
}

#ifdef __AVX512F__
// The same operations on 16 lanes.
template <>
struct FirstLanes<Avx512> {
  __mmask16 mask;
  TESSERA_INLINE explicit FirstLanes(std::size_t n)
      : mask(static_cast<__mmask16>((1u << n) - 1u)) {}
  TESSERA_INLINE F32<Avx512> Load(const float* p) const {
    return _mm512_maskz_loadu_ps(mask, p);
  }
  TESSERA_INLINE void Store(float* p, F32<Avx512> v) const {
    _mm512_mask_storeu_ps(p, mask, v);
  }
  // lane < n ? a : b
  TESSERA_INLINE F32<Avx512> Select(F32<Avx512> a, F32<Avx512> b) const {
    return _mm512_mask_blend_ps(mask, b, a);
  }
};

TESSERA_INLINE bool AnyNan(F32<Avx512> v) {
  return _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q) != 0;
}
TESSERA_INLINE F32<Avx512> Fma(F32<Avx512> a, F32<Avx512> b, F32<Avx512> c) {
  return _mm512_fmadd_ps(a, b, c);
}
TESSERA_INLINE F32<Avx512> SelectLess(F32<Avx512> a, F32<Avx512> b,
                                      F32<Avx512> x, F32<Avx512> y) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
}
TESSERA_INLINE F32<Avx512> Abs(F32<Avx512> x) { return _mm512_abs_ps(x); }
TESSERA_INLINE unsigned GreaterLanes(F32<Avx512> a, F32<Avx512> b) {
  return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ);
}
TESSERA_INLINE unsigned NotSmallerLanes(F32<Avx512> a, F32<Avx512> b) {
  return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ);
}
TESSERA_INLINE F32<Avx2> UpperHalf(F32<Avx512> v) {
  return _mm512_extractf32x8_ps(v, 1);
}
TESSERA_INLINE F32<Avx2> LowerHalf(F32<Avx512> v) {
  return _mm512_castps512_ps256(v);
}
TESSERA_INLINE float ReduceAdd(F32<Avx512> v) {
  return ReduceAdd(F32<Avx2>(LowerHalf(v) + UpperHalf(v)));
}
TESSERA_INLINE float ReduceMax(F32<Avx512> v) {
  return ReduceMax(Max<Avx2>(LowerHalf(v), UpperHalf(v)));
}
TESSERA_INLINE F32<Avx512> Round(F32<Avx512> x) {
  return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT);
}
TESSERA_INLINE F32<Avx512> ScaleUnlessLess(F32<Avx512> x, F32<Avx512> n,
                                           F32<Avx512> a, F32<Avx512> b) {
  return _mm512_maskz_scalef_ps(_mm512_cmp_ps_mask(a, b, _CMP_NLT_UQ), x, n);
}
#endif  // __AVX512F__

// e^x for x <= 88.37, in kernels that of differences to a maximum: Cody-Waite
// reduction to |r| <= ln(2)/2 and a polynomial of degree 5 with constant term
// 1, so that Exp(0) is exactly 1. Relative error <= 2.3e-7 from -87.33 on;
// exactly 0 below (denormal weights would slow attention 4 to 25 times); NaN
// gives NaN. Coefficients: weighted least-maximum fit of e^r / (1 + r q(r)),
// error 9e-8. 5.5 cycles for 16 lanes on Zen 5; with a clamp from above and a
// blend 6.5.
template <class Arch>
TESSERA_INLINE F32<Arch> Exp(F32<Arch> x) {
  const F32<Arch> lowest = Broadcast<Arch>(-87.33f);
  const F32<Arch> y = Max<Arch>(lowest, x);  // the second operand if it is NaN
  const F32<Arch> n = Round(y * Broadcast<Arch>(1.44269504f));
  F32<Arch> r = Fma(n, Broadcast<Arch>(-0.693359375f), y);
  r = Fma(n, Broadcast<Arch>(2.12194440e-4f), r);
  F32<Arch> p = Broadcast<Arch>(0.008290306196f);
  p = Fma(p, r, Broadcast<Arch>(0.04189797535f));
  p = Fma(p, r, Broadcast<Arch>(0.1666763658f));
  p = Fma(p, r, Broadcast<Arch>(0.4999914919f));
  p = Fma(p, r, Broadcast<Arch>(0.999999707f));
  p = Fma(p, r, Broadcast<Arch>(1.0f));
  return ScaleUnlessLess(p, n, x, lowest);
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_SIMD_H_
