// Products with weights of 8 bits without SIMD, in any layout.
#include "kernels/gemm/product.h"

namespace tessera::kernels {

decltype(Activate) ActivateScalar;

namespace {

std::int32_t Sum(const ProductArgs& args, std::size_t m, std::size_t n) {
  const MatrixLayout& w = args.w;
  const std::int8_t* const column = w.Data<std::int8_t>() +
                                    n / w.panel_columns * w.panel_stride +
                                    n % w.panel_columns * w.inner;
  const std::int8_t* const x = args.x.As<std::int8_t>()[m];
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < args.x.cols; ++k) {
    sum += x[k] * column[k / w.inner * w.panel_columns * w.inner + k % w.inner];
  }
  return sum;
}

}  // namespace

void PackedProductS8Scalar(const ProductArgs& args) noexcept {
  const Epilogue& epilogue = args.epilogue;
  for (std::size_t m = 0; m < args.y.rows; ++m) {
    for (std::size_t n = 0; n < args.y.cols; ++n) {
      float value = static_cast<float>(Sum(args, m, n)) *
                    (args.x_scales[m].scale * args.w.scales[n]);
      if (epilogue.bias) value += epilogue.bias[n];
      ActivateScalar(epilogue.activation, {&value, 1, 1, 1});
      if (epilogue.gate.data) value *= epilogue.gate[m][n];
      if (epilogue.residual.data) value += epilogue.residual[m][n];
      args.y[m][n] = value;
    }
  }
}

}  // namespace tessera::kernels
