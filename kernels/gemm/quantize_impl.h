// QuantizeRows once for all registers; included by ISA files only.
#ifndef TESSERA_KERNELS_GEMM_QUANTIZE_IMPL_H_
#define TESSERA_KERNELS_GEMM_QUANTIZE_IMPL_H_

#include "kernels/gemm/quantize.h"
#include "kernels/simd_ints.h"

namespace tessera::kernels {
namespace {

// max |x|; NaN if an element is not finite. Without their sign the bits of
// floats are in the order of integers, infinity above all numbers and NaN above
// infinity, which a maximum of floats would lose.
template <class Arch>
TESSERA_INLINE float Largest(const float* x, std::size_t n) {
  I32<Arch> most[4] = {};
  for (I32<Arch>& each : most) each = ZeroInts<Arch>();
  ForLanes4<Arch>(
      n,
      [&](std::size_t i, std::size_t u) {
        most[u] = MaxInts(most[u], Bits(Abs(Load<Arch>(x + i))));
      },
      [&](std::size_t i, FirstLanes<Arch> first) {
        most[0] = MaxInts(most[0], Bits(Abs(first.Load(x + i))));
      });
  most[0] = MaxInts(MaxInts(most[0], most[1]), MaxInts(most[2], most[3]));
  const F32<Arch> largest = FromBits<Arch>(most[0]);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (AnyNan(largest)) return std::numeric_limits<float>::quiet_NaN();
  const float all = ReduceMax(largest);
  return all == kInfinity ? std::numeric_limits<float>::quiet_NaN() : all;
}

// Writes q up to its stride, of which a register may take the last elements
// twice. Returns the sum.
template <class Arch, class T>
TESSERA_INLINE std::int32_t Scaled(const float* x, std::size_t n, float factor,
                                   T* q, std::size_t stride) {
  const F32<Arch> scale = Broadcast<Arch>(factor);
  I32<Arch> sum = ZeroInts<Arch>();
  std::size_t end = 0;
  ForLanes<Arch>(
      n,
      [&](std::size_t i) {
        const I32<Arch> rounded = ToInts(scale * Load<Arch>(x + i));
        sum = AddInts(sum, rounded);
        StoreNarrow(q + i, rounded);
        end = i + kLanes<Arch>;
      },
      [&](std::size_t i, FirstLanes<Arch> first) {
        alignas(64) T last[kLanes<Arch>];
        const I32<Arch> rounded = ToInts(scale * first.Load(x + i));
        sum = AddInts(sum, rounded);
        StoreNarrow(last, rounded);
        for (std::size_t k = i; k < n; ++k) q[k] = last[k - i];
        end = n;
      });
  for (std::size_t k = end; k < stride; ++k) q[k] = 0;
  return ReduceAddInts(sum);
}

template <class Arch, class T>
TESSERA_INLINE void QuantizeRowsOf(Rows<const float> x,
                                   const QuantizedRows& q) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    T* const row = static_cast<T*>(q.data) + r * q.stride;
    const float largest = Largest<Arch>(x[r], x.cols);
    if (largest >= kLeastQuantized) {
      const float factor = kMostQuantized / largest;
      const std::int32_t sum =
          Scaled<Arch>(x[r], x.cols, factor, row, q.stride);
      q.scales[r] = {largest / kMostQuantized, sum};
    } else {
      for (std::size_t k = 0; k < q.stride; ++k) row[k] = 0;
      q.scales[r] = {largest * 0.0f, 0};  // 0, or NaN
    }
  }
}

// The upper halves of floats after rounding, as 16-bit integers of any sign.
template <class Arch>
TESSERA_INLINE I32<Arch> UpperHalves(F32<Arch> v) {
  const I32<Arch> bits = Bits(v);
  const I32<Arch> one = BroadcastInts<Arch>(1);
  const I32<Arch> even = AndInts(ShiftRight<16>(bits), one);
  const I32<Arch> half = AddInts(BroadcastInts<Arch>(0x7fff), even);
  return ShiftRight<16>(AddInts(bits, half));
}

// A row in bf16, up to its stride.
template <class Arch>
TESSERA_INLINE void RoundRow(const float* x, std::size_t n, Bf16* q,
                             std::size_t stride) {
  std::size_t end = 0;
  ForLanes<Arch>(
      n,
      [&](std::size_t i) {
        const F32<Arch> v = Load<Arch>(x + i);
        if (AnyNan(v)) {  // a carry would make it infinite, or another number
          for (std::size_t k = i; k < i + kLanes<Arch>; ++k)
            q[k] = ToBf16(x[k]);
        } else {
          StoreNarrow(reinterpret_cast<std::int16_t*>(q + i),
                      UpperHalves<Arch>(v));
        }
        end = i + kLanes<Arch>;
      },
      [&](std::size_t i, FirstLanes<Arch>) {
        for (std::size_t k = i; k < n; ++k) q[k] = ToBf16(x[k]);
        end = n;
      });
  for (std::size_t k = end; k < stride; ++k) q[k] = {0};
}

template <class Arch>
TESSERA_INLINE void RoundRows(Rows<const float> x, const QuantizedRows& q) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    RoundRow<Arch>(x[r], x.cols, static_cast<Bf16*>(q.data) + r * q.stride,
                   q.stride);
    q.scales[r] = {1.0f, 0};
  }
}

template <class Arch>
TESSERA_INLINE void QuantizeRowsImpl(Rows<const float> x,
                                     const QuantizedRows& q) {
  if (q.type == ElementType::kBf16) {
    RoundRows<Arch>(x, q);
  } else if (q.type == ElementType::kS8) {
    QuantizeRowsOf<Arch, std::int8_t>(x, q);
  } else {
    QuantizeRowsOf<Arch, std::int16_t>(x, q);
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_QUANTIZE_IMPL_H_
