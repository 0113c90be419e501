// Activation functions on registers, for Activate and for the epilogues of
// packed products; included by ISA files only.
#ifndef TESSERA_KERNELS_ACTIVATION_ACTIVATION_IMPL_H_
#define TESSERA_KERNELS_ACTIVATION_ACTIVATION_IMPL_H_

#include "kernels/activation/activation.h"
#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

// c[0] + c[1] x + ... + c[n - 1] x^(n - 1), highest first.
template <class Arch, std::size_t n>
TESSERA_INLINE F32<Arch> Polynomial(const float (&c)[n], F32<Arch> x) {
  F32<Arch> p = Broadcast<Arch>(c[n - 1]);
  for (std::size_t i = 2; i <= n; ++i) p = Fma(p, x, Broadcast<Arch>(c[n - i]));
  return p;
}

// x * sigmoid(s). The exponential is taken of -|s|, where it can only vanish;
// x stops at -200, where the product has long become 0, because -inf * 0 is
// NaN. Of min and max the second operand survives a NaN, here and below.
template <class Arch>
TESSERA_INLINE F32<Arch> TimesSigmoid(F32<Arch> x, F32<Arch> s) {
  const F32<Arch> one = Broadcast<Arch>(1.0f);
  const F32<Arch> e = Exp<Arch>(Zero<Arch>() - Abs(s));
  const F32<Arch> y = Max<Arch>(Broadcast<Arch>(-200.0f), x);
  return y * SelectLess(s, Zero<Arch>(), e, one) / (one + e);
}

template <class Arch>
TESSERA_INLINE F32<Arch> Silu(F32<Arch> x) {
  return TimesSigmoid<Arch>(x, x);
}

// (1 + tanh(u)) / 2 = sigmoid(2 u)
template <class Arch>
TESSERA_INLINE F32<Arch> GeluTanh(F32<Arch> x) {
  const F32<Arch> linear = Broadcast<Arch>(1.59576912f);  // 2 sqrt(2 / pi)
  const F32<Arch> cubic = Broadcast<Arch>(0.0713548163f);
  return TimesSigmoid<Arch>(x, x * Fma(cubic, x * x, linear));
}

// erfc(a / sqrt(2)) / 2 of a in [0, 20] is exp(-a^2 / 2) t p(t) with t =
// 1 / (1 + 0.36 a), the form of Abramowitz & Stegun 7.1.26; p is a weighted
// least-maximum fit, relative error 8e-7 on [0, 13.3]: gelu errs by 1.6e-7, its
// negative tail by 5e-6 of itself. From a = 13.3 on it is 0. The factors are
// those of `factor` t p(t) exp.
template <class Arch>
TESSERA_INLINE F32<Arch> NormalTail(F32<Arch> a, F32<Arch> factor) {
  constexpr float kP[] = {0.143721014f, 0.141656622f, 0.140376866f,
                          0.024678502f, 0.183777168f, -0.181916162f,
                          0.047706157f};
  const F32<Arch> one = Broadcast<Arch>(1.0f);
  const F32<Arch> t = one / Fma(a, Broadcast<Arch>(0.36f), one);
  const F32<Arch> e = Exp<Arch>(a * (a * Broadcast<Arch>(-0.5f)));
  return factor * t * Polynomial<Arch>(kP, t) * e;
}

// With a = |x|: max(x, 0) - a erfc(a / sqrt(2)) / 2, which keeps the digits of
// the negative tail.
template <class Arch>
TESSERA_INLINE F32<Arch> GeluErf(F32<Arch> x) {
  const F32<Arch> a = Min<Arch>(Broadcast<Arch>(20.0f), Abs(x));
  return Max<Arch>(Zero<Arch>(), x) - NormalTail<Arch>(a, a);
}

// The normal distribution's function at u = (x - mu) / sigma.
template <class Arch>
TESSERA_INLINE F32<Arch> Laplace(F32<Arch> x) {
  const F32<Arch> one = Broadcast<Arch>(1.0f);
  const F32<Arch> u = (x - Broadcast<Arch>(0.707107f)) *
                      Broadcast<Arch>(3.54490509f);  // 1 / 0.282095
  const F32<Arch> a = Min<Arch>(Broadcast<Arch>(20.0f), Abs(u));
  const F32<Arch> tail = NormalTail<Arch>(a, one);
  return SelectLess(u, Zero<Arch>(), tail, one - tail);
}

template <class Arch>
TESSERA_INLINE F32<Arch> Sigmoid(F32<Arch> x) {
  const F32<Arch> one = Broadcast<Arch>(1.0f);
  const F32<Arch> e = Exp<Arch>(Zero<Arch>() - Abs(x));
  return SelectLess(x, Zero<Arch>(), e, one) / (one + e);
}

// With w = exp(x): tanh(log(1 + w)) = n / (n + 2), n = w (w + 2); for x >= 0
// both are divided by w^2. -200 as in TimesSigmoid.
template <class Arch>
TESSERA_INLINE F32<Arch> Mish(F32<Arch> x) {
  const F32<Arch> one = Broadcast<Arch>(1.0f);
  const F32<Arch> two = Broadcast<Arch>(2.0f);
  const F32<Arch> e = Exp<Arch>(Zero<Arch>() - Abs(x));
  const F32<Arch> low = e * (e + two), high = Fma(e, two, one);
  const F32<Arch> n = SelectLess(x, Zero<Arch>(), low, high);
  const F32<Arch> d =
      SelectLess(x, Zero<Arch>(), low + two, Fma(e * two, e, high));
  return Max<Arch>(Broadcast<Arch>(-200.0f), x) * n / d;
}

// x p(x^2) / q(x^2), a least-maximum fit on [0, 9.02], error 2e-8 before and
// 3.1e-7 after rounding; at 9 it is exactly 1. Near 0 it is x.
template <class Arch>
TESSERA_INLINE F32<Arch> Tanh(F32<Arch> x) {
  constexpr float kP[] = {1.0f, 0.133797184f, 0.00349403499f, 2.05834876e-5f,
                          1.33190801e-8f};
  constexpr float kQ[] = {1.0f, 0.467130333f, 0.0258710757f, 3.28309339e-4f,
                          7.76202285e-7f};
  const F32<Arch> y =
      Max<Arch>(Broadcast<Arch>(-9.0f), Min<Arch>(Broadcast<Arch>(9.0f), x));
  const F32<Arch> u = y * y;
  return y * Polynomial<Arch>(kP, u) / Polynomial<Arch>(kQ, u);
}

// f(x) for one register.
template <Activation A, class Arch>
TESSERA_INLINE F32<Arch> Apply(F32<Arch> x) {
  if constexpr (A == Activation::kRelu) return Max<Arch>(Zero<Arch>(), x);
  if constexpr (A == Activation::kGeluErf) return GeluErf<Arch>(x);
  if constexpr (A == Activation::kGeluTanh) return GeluTanh<Arch>(x);
  if constexpr (A == Activation::kSilu) return Silu<Arch>(x);
  if constexpr (A == Activation::kTanh) return Tanh<Arch>(x);
  if constexpr (A == Activation::kGeluClipped) {
    return Min<Arch>(Broadcast<Arch>(10.0f), GeluErf<Arch>(x));
  }
  if constexpr (A == Activation::kQuickGelu) {
    return TimesSigmoid<Arch>(x, x * Broadcast<Arch>(1.702f));
  }
  if constexpr (A == Activation::kMish) return Mish<Arch>(x);
  if constexpr (A == Activation::kSigmoid) return Sigmoid<Arch>(x);
  if constexpr (A == Activation::kLaplace) return Laplace<Arch>(x);
  if constexpr (A == Activation::kLeakyRelu) {
    return Max<Arch>(x * Broadcast<Arch>(0.01f), x);
  }
  if constexpr (A == Activation::kReluSquared) {
    const F32<Arch> y = Max<Arch>(Zero<Arch>(), x);
    return y * y;
  }
  if constexpr (A == Activation::kRelu6) {
    return Min<Arch>(Broadcast<Arch>(6.0f), Max<Arch>(Zero<Arch>(), x));
  }
  return x;
}

template <Activation A, class Arch>
[[gnu::flatten]] void ActivateEach(Rows<float> x) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    float* const row = x[r];
    MapLanes<Arch>(x.cols, [&](std::size_t i, auto lanes) {
      lanes.Store(row + i, Apply<A, Arch>(lanes.Load(row + i)));
    });
  }
}

template <class Arch>
TESSERA_INLINE void ActivateImpl(Activation activation, Rows<float> x) {
  switch (activation) {
    case Activation::kIdentity:
      return;
    case Activation::kRelu:
      return ActivateEach<Activation::kRelu, Arch>(x);
    case Activation::kGeluErf:
      return ActivateEach<Activation::kGeluErf, Arch>(x);
    case Activation::kGeluTanh:
      return ActivateEach<Activation::kGeluTanh, Arch>(x);
    case Activation::kSilu:
      return ActivateEach<Activation::kSilu, Arch>(x);
    case Activation::kTanh:
      return ActivateEach<Activation::kTanh, Arch>(x);
    case Activation::kGeluClipped:
      return ActivateEach<Activation::kGeluClipped, Arch>(x);
    case Activation::kQuickGelu:
      return ActivateEach<Activation::kQuickGelu, Arch>(x);
    case Activation::kMish:
      return ActivateEach<Activation::kMish, Arch>(x);
    case Activation::kSigmoid:
      return ActivateEach<Activation::kSigmoid, Arch>(x);
    case Activation::kLaplace:
      return ActivateEach<Activation::kLaplace, Arch>(x);
    case Activation::kLeakyRelu:
      return ActivateEach<Activation::kLeakyRelu, Arch>(x);
    case Activation::kReluSquared:
      return ActivateEach<Activation::kReluSquared, Arch>(x);
    case Activation::kRelu6:
      return ActivateEach<Activation::kRelu6, Arch>(x);
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ACTIVATION_ACTIVATION_IMPL_H_
