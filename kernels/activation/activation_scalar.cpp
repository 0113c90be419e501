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
float GeluClipped(float x) {
  const float y = GeluErf(x);
  return y > 10.0f ? 10.0f : y;
}
float QuickGelu(float x) {
  const float y = Floor(x);
  return y / (1.0f + std::exp(-1.702f * y));
}
float Mish(float x) {
  const float y = Floor(x);
  return y * std::tanh(y > 20.0f ? y : std::log1p(std::exp(y)));
}
float Sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }
float Laplace(float x) {
  return 0.5f * std::erfc((0.707107f - x) * (kSqrtHalf / 0.282095f));
}
float LeakyRelu(float x) { return x < 0.0f ? 0.01f * x : x; }
float ReluSquared(float x) { return Relu(x) * Relu(x); }
float Relu6(float x) { return x > 6.0f ? 6.0f : Relu(x); }

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
    case Activation::kGeluClipped:
      return Map(x, GeluClipped);
    case Activation::kQuickGelu:
      return Map(x, QuickGelu);
    case Activation::kMish:
      return Map(x, Mish);
    case Activation::kSigmoid:
      return Map(x, Sigmoid);
    case Activation::kLaplace:
      return Map(x, Laplace);
    case Activation::kLeakyRelu:
      return Map(x, LeakyRelu);
    case Activation::kReluSquared:
      return Map(x, ReluSquared);
    case Activation::kRelu6:
      return Map(x, Relu6);
  }
}

}  // namespace tessera::kernels
