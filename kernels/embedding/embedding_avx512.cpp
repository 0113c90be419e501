// EmbedRows for AVX-512.
#include "kernels/embedding/embedding_impl.h"

namespace tessera::kernels {

void EmbedRowsAvx512(const MatrixLayout& table, const EmbedInput& input,
                     Rows<float> y) noexcept {
  EmbedRowsImpl<Avx512>(table, input, y);
}

}  // namespace tessera::kernels
