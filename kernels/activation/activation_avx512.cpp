// Activate for AVX-512.
#include "kernels/activation/activation_impl.h"

namespace tessera::kernels {

void ActivateAvx512(Activation activation, Rows<float> x) noexcept {
  ActivateImpl<Avx512>(activation, x);
}

}  // namespace tessera::kernels
