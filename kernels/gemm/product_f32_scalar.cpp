// PackedProduct without SIMD.
#include "kernels/gemm/product.h"

namespace tessera::kernels {
namespace {

constexpr std::size_t kColumns = 16;  // of a panel

// One row by one panel. Sixteen sums at once: what a compiler makes of them on
// baseline x86-64 still is one chain of additions over k for each output.
void RowByPanel(const float* x, const float* panel, std::size_t inputs,
                float (&sums)[kColumns]) {
  for (float& sum : sums) sum = 0.0f;
  for (std::size_t k = 0; k < inputs; ++k) {
    for (std::size_t c = 0; c < kColumns; ++c) {
      sums[c] += x[k] * panel[k * kColumns + c];
    }
  }
}

}  // namespace

void PackedProductScalar(Rows<const float> x, const PackedView& w,
                         Activation activation, Rows<float> y) noexcept {
  float sums[kColumns];
  for (std::size_t n = 0; n < w.outputs; n += kColumns) {
    const PackedView panel = w.Outputs(n, w.outputs - n);
    for (std::size_t m = 0; m < x.rows; ++m) {
      RowByPanel(x[m], panel.data, w.inputs, sums);
      for (std::size_t c = 0; c < kColumns && n + c < w.outputs; ++c) {
        y[m][n + c] = sums[c] + panel.bias[c];
      }
    }
  }
  ActivateKernels().back().run(activation, y);  // scalar is last
}

}  // namespace tessera::kernels
