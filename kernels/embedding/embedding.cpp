// Implementations of EmbedRows, best first, and its threads.
#include "kernels/embedding/embedding.h"

#include "kernels/parallel.h"
#include "kernels/profile.h"

namespace tessera::kernels {

using Fn = EmbedRowsFn;
Fn EmbedRowsScalar, EmbedRowsAvx2, EmbedRowsAvx512;  // embedding_<isa>.cpp

namespace {
constexpr Implementation<Fn> kKernels[] = {
    {Isa::kAvx512, "EmbedRows/avx512", EmbedRowsAvx512},
    {Isa::kAvx2, "EmbedRows/avx2", EmbedRowsAvx2},
    {Isa::kScalar, "EmbedRows/scalar", EmbedRowsScalar},
};

// Time of an element, in operations of a core: one of a packed table comes with
// a cache line from L3 or memory, 2 to 4 ns.
constexpr double kWork = 100;
}  // namespace

std::span<const Implementation<Fn>> EmbedRowsKernels() { return kKernels; }

void EmbedRows(const MatrixLayout& table, const EmbedInput& input,
               Rows<float> y, ExecContext& context) noexcept {
  static Fn* const best = Select(EmbedRowsKernels());
  const ProfileSpan span(context, "embedding", [&] {
    const double positions = input.positions.data ? BytesOf(y) : 0;
    return Cost{.bytes = 2 * BytesOf(y) + positions};
  });
  ParallelRows(context, y, kWork, [&](std::size_t first, std::size_t count) {
    EmbedInput part = input;
    part.ids += first;
    if (part.position) part.position += first;
    best(table, part, y.Slice(first, count));
  });
}

}  // namespace tessera::kernels
