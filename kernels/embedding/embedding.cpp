// Implementations of EmbedRows, best first.
#include "kernels/embedding/embedding.h"

namespace tessera::kernels {

using Fn = decltype(EmbedRows);
Fn EmbedRowsScalar, EmbedRowsAvx2, EmbedRowsAvx512;  // embedding_<isa>.cpp

namespace {
constexpr Implementation<Fn> kKernels[] = {
    {Isa::kAvx512, "EmbedRows/avx512", EmbedRowsAvx512},
    {Isa::kAvx2, "EmbedRows/avx2", EmbedRowsAvx2},
    {Isa::kScalar, "EmbedRows/scalar", EmbedRowsScalar},
};
}  // namespace

std::span<const Implementation<Fn>> EmbedRowsKernels() { return kKernels; }

void EmbedRows(const MatrixLayout& table, const EmbedInput& input,
               Rows<float> y) noexcept {
  static Fn* const best = Select(EmbedRowsKernels());
  best(table, input, y);
}

}  // namespace tessera::kernels
