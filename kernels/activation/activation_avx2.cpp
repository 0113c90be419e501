// Activate for AVX2.
#include "kernels/activation/activation_impl.h"

namespace tessera::kernels {

void ActivateAvx2(Activation activation, Rows<float> x) noexcept {
  ActivateImpl<Avx2>(activation, x);
}

}  // namespace tessera::kernels
