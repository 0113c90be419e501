// Rows of an embedding table, scaled, with positions added.
#ifndef TESSERA_KERNELS_EMBEDDING_EMBEDDING_H_
#define TESSERA_KERNELS_EMBEDDING_EMBEDDING_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/dispatch.h"
#include "kernels/gemm/matrix_layout.h"
#include "kernels/views.h"

namespace tessera::kernels {

class ExecContext;  // kernels/context.h, which ISA files must not include

// What to look up, one entry an output row.
struct EmbedInput {
  const std::int32_t* ids = nullptr;       // i32 [rows], rows of the table
  float scale = 1.0f;                      // sqrt(D) in Marian
  Rows<const float> positions = {};        // f32 [P, D]; no data: none added
  const std::int32_t* position = nullptr;  // i32 [rows], rows of positions
  bool skip_zeros = false;  // an element that is 0 gets no position
};

//   y[r] = scale * table[ids[r]] + positions[position[r]]
//
//   table  [V, D] in the layout it is stored in: PlainRows(), or the panels of
//          an output projection, which needs no second copy then; of integers
//          the float32 numbers they count.
//   y      f32 [rows, D], stride in elements.
//
// Requires: 0 <= ids[r] < V; with positions also 0 <= position[r] < P and
//   positions.cols == D. No alignment.
// Edge: NaN and infinities pass through.
// Error: none: the product and the sum are each rounded to float32, as a
//   framework does it, so that all ISAs give the same bits.
// Cost: per row D cache lines of a packed table, D * 4 bytes of a plain one; 1
//   or 2 writes per element. No allocation.
void EmbedRows(const MatrixLayout& table, const EmbedInput& input,
               Rows<float> y, ExecContext& context) noexcept;

// All implementations in this build, best first, scalar last; one thread each.
using EmbedRowsFn = void(const MatrixLayout& table, const EmbedInput& input,
                         Rows<float> y) noexcept;
std::span<const Implementation<EmbedRowsFn>> EmbedRowsKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_EMBEDDING_EMBEDDING_H_
