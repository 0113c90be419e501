// Products with weights of f32 and bf16 without SIMD.
#include "kernels/gemm/product.h"

namespace tessera::kernels {

decltype(Activate) ActivateScalar;

namespace {

constexpr std::size_t kColumns = 16;  // of a panel

float ToFloat(float x) { return x; }

// One row by one panel. Sixteen sums at once: what a compiler makes of them on
// baseline x86-64 still is one chain of additions over k for each output.
template <class T>
void RowByPanel(const float* x, const T* panel, std::size_t inputs,
                float (&sums)[kColumns]) {
  for (float& sum : sums) sum = 0.0f;
  for (std::size_t k = 0; k < inputs; ++k) {
    for (std::size_t c = 0; c < kColumns; ++c) {
      sums[c] += x[k] * ToFloat(panel[k * kColumns + c]);
    }
  }
}

// Writes y, one row of up to kColumns columns.
void Finish(const Epilogue& epilogue, Rows<float> sums, Rows<float> y) {
  for (std::size_t c = 0; epilogue.bias && c < y.cols; ++c) {
    sums[0][c] += epilogue.bias[c];
  }
  ActivateScalar(epilogue.activation, sums);
  for (std::size_t c = 0; c < y.cols; ++c) {
    float value = sums[0][c];
    if (epilogue.gate.data) value *= epilogue.gate[0][c];
    if (epilogue.residual.data) value += epilogue.residual[0][c];
    y[0][c] = value;
  }
}

template <class T>
void Product(const ProductArgs& args) {
  float sums[kColumns];
  for (std::size_t n = 0; n < args.w.outputs; n += kColumns) {
    const std::size_t left = args.w.outputs - n;
    const ProductArgs panel =
        args.Columns(n, left < kColumns ? left : kColumns);
    for (std::size_t m = 0; m < args.x.rows; ++m) {
      RowByPanel(args.x.As<float>()[m], panel.w.Data<T>(), args.x.cols, sums);
      Finish(panel.epilogue.Slice(m, 1), Dense(sums, 1, panel.y.cols),
             panel.y.Slice(m, 1));
    }
  }
}

}  // namespace

void PackedProductScalar(const ProductArgs& args) noexcept {
  Product<float>(args);
}
void PackedProductBf16Scalar(const ProductArgs& args) noexcept {
  Product<Bf16>(args);
}

}  // namespace tessera::kernels
