// QuantizeRows in plain C++.
#include <cmath>
#include <limits>

#include "kernels/gemm/quantize.h"

namespace tessera::kernels {
namespace {

// max |x|; NaN if an element is not finite.
float Largest(const float* x, std::size_t n) {
  float largest = 0.0f;
  for (std::size_t k = 0; k < n; ++k) {
    if (!std::isfinite(x[k])) return std::numeric_limits<float>::quiet_NaN();
    largest = std::fmax(largest, std::fabs(x[k]));
  }
  return largest;
}

template <class T>
void Quantize(Rows<const float> x, const QuantizedRows& q) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    T* const row = static_cast<T*>(q.data) + r * q.stride;
    const float largest = Largest(x[r], x.cols);
    const bool zero = !(largest >= kLeastQuantized);
    const float factor = zero ? 0.0f : kMostQuantized / largest;
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < q.stride; ++k) {
      row[k] = zero || k >= x.cols
                   ? T{0}
                   : static_cast<T>(std::nearbyint(x[r][k] * factor));
      sum += row[k];
    }
    q.scales[r] = {zero ? largest * 0.0f : largest / kMostQuantized, sum};
  }
}

void Round(Rows<const float> x, const QuantizedRows& q) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    Bf16* const row = static_cast<Bf16*>(q.data) + r * q.stride;
    for (std::size_t k = 0; k < q.stride; ++k) {
      row[k] = ToBf16(k < x.cols ? x[r][k] : 0.0f);
    }
    q.scales[r] = {1.0f, 0};
  }
}

}  // namespace

void QuantizeRowsScalar(Rows<const float> x, const QuantizedRows& q) noexcept {
  if (q.type == ElementType::kBf16) return Round(x, q);
  q.type == ElementType::kS8 ? Quantize<std::int8_t>(x, q)
                             : Quantize<std::int16_t>(x, q);
}

}  // namespace tessera::kernels
