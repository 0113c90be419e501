// Products with weights of 8 bits without SIMD.
#include "kernels/gemm/product.h"

namespace tessera::kernels {

decltype(Activate) ActivateScalar;

namespace {

constexpr std::size_t kColumns = 16;  // of a panel, groups of one input

// One row by one panel. Sixteen sums at once, of 16-bit products: what a
// compiler can make of baseline x86-64.
void RowByPanel(const std::int8_t* x, const std::int8_t* panel,
                std::size_t inputs, std::int32_t (&sums)[kColumns]) {
  for (std::int32_t& sum : sums) sum = 0;
  for (std::size_t k = 0; k < inputs; ++k) {
    const std::int16_t input = x[k];
    for (std::size_t c = 0; c < kColumns; ++c) {
      const std::int16_t weight = panel[k * kColumns + c];
      sums[c] += static_cast<std::int16_t>(input * weight);  // <= 127 * 127
    }
  }
}

// Writes y, one row of up to kColumns columns.
void Finish(const std::int32_t (&sums)[kColumns], const RowScale& x,
            const ProductArgs& args) {
  const Epilogue& epilogue = args.epilogue;
  float values[kColumns];
  for (std::size_t c = 0; c < args.y.cols; ++c) {
    values[c] = static_cast<float>(sums[c]) * (x.scale * args.w.scales[c]);
    if (epilogue.bias) values[c] += epilogue.bias[c];
  }
  ActivateScalar(epilogue.activation, Dense(values, 1, args.y.cols));
  for (std::size_t c = 0; c < args.y.cols; ++c) {
    if (epilogue.gate.data) values[c] *= epilogue.gate[0][c];
    if (epilogue.residual.data) values[c] += epilogue.residual[0][c];
    args.y[0][c] = values[c];
  }
}

}  // namespace

void PackedProductS8Scalar(const ProductArgs& args) noexcept {
  std::int32_t sums[kColumns];
  for (std::size_t n = 0; n < args.w.outputs; n += kColumns) {
    const std::size_t left = args.w.outputs - n;
    const ProductArgs panel =
        args.Columns(n, left < kColumns ? left : kColumns);
    for (std::size_t m = 0; m < args.y.rows; ++m) {
      RowByPanel(args.x.As<std::int8_t>()[m], panel.w.Data<std::int8_t>(),
                 args.x.cols, sums);
      Finish(sums, args.x_scales[m], panel.Slice(m, 1));
    }
  }
}

}  // namespace tessera::kernels
