// NormRows and AddRows for AVX-512.
#include "kernels/norm/norm_impl.h"

namespace tessera::kernels {

void NormRowsAvx512(const NormArgs& args) noexcept {
  NormRowsImpl<Avx512>(args);
}

void AddRowsAvx512(const AddArgs& args) noexcept { AddRowsImpl<Avx512>(args); }

}  // namespace tessera::kernels
