// NormRows and AddRows for AVX2.
#include "kernels/norm/norm_impl.h"

namespace tessera::kernels {

void NormRowsAvx2(const NormArgs& args) noexcept { NormRowsImpl<Avx2>(args); }

void AddRowsAvx2(const AddArgs& args) noexcept { AddRowsImpl<Avx2>(args); }

}  // namespace tessera::kernels
