// Activate in plain C++.
#include <cmath>

#include "kernels/activation/activation.h"

namespace tessera::kernels {
namespace {

constexpr float kSqrtHalf = 0.707106781f;
constexpr float kSqrt2OverPi = 0.797884561f;

// Large negative numbers stop where the functions have long become 0, because
// -inf * 0 is NaN. NaN stays.
float Floor(float x) { return x < -200.0f ? -200.0f : x; }

float Relu(float x) { return x < 0.0f ? 0.0f : x; }
float GeluErf(float x) {
  const float y = Floor(x);
  return 0.5f * y * std::erfc(-y * kSqrtHalf);
}
float GeluTanh(float x) {
  const float y = Floor(x);
  const float inner = kSqrt2OverPi * (y + 0.044715f * y * y * y);
  return 0.5f * y * (1.0f + std::tanh(inner));
}
float Silu(float x) {
  const float y = Floor(x);
  return y / (1.0f + std::exp(-y));
}
float Tanh(float x) { return std::tanh(x); }

template <class F>
void Map(Rows<float> x, F f) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t c = 0; c < x.cols; ++c) x[r][c] = f(x[r][c]);
  }
}

}  // namespace

void ActivateScalar(Activation activation, Rows<float> x) noexcept {
  switch (activation) {
    case Activation::kIdentity:
      return;
    case Activation::kRelu:
      return Map(x, Relu);
    case Activation::kGeluErf:
      return Map(x, GeluErf);
    case Activation::kGeluTanh:
      return Map(x, GeluTanh);
    case Activation::kSilu:
      return Map(x, Silu);
    case Activation::kTanh:
      return Map(x, Tanh);
  }
}

}  // namespace tessera::kernels
