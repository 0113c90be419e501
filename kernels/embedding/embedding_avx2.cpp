// EmbedRows for AVX2.
#include "kernels/embedding/embedding_impl.h"

namespace tessera::kernels {

void EmbedRowsAvx2(const MatrixLayout& table, const EmbedInput& input,
                   Rows<float> y) noexcept {
  EmbedRowsImpl<Avx2>(table, input, y);
}

}  // namespace tessera::kernels
