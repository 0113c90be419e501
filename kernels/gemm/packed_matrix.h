// Weight matrices, packed once for multiplication.
#ifndef TESSERA_KERNELS_GEMM_PACKED_MATRIX_H_
#define TESSERA_KERNELS_GEMM_PACKED_MATRIX_H_

#include <cstddef>
#include <span>

#include "kernels/aligned_buffer.h"
#include "kernels/context.h"
#include "kernels/dispatch.h"
#include "kernels/embedding/embedding.h"
#include "kernels/gemm/product.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Owns the weights W [N outputs, K inputs] and the bias b [N] of a linear layer
// y = act(x W^T + b), in the layout of one instruction-set level:
//
//   AVX-512 and up  f32 [N / 64][K rounded up to 16][64], which is oneDNN's
//                   BA16a64b: both backends read the same memory
//   AVX2, scalar    f32 [N / 16][K][16]
//
// Tensors that share their input (the query, key and value projections) are
// packed one after another into one matrix, and multiplied at once. A matrix
// that is also an embedding table is stored once: EmbedRows() reads table().
class PackedMatrix {
 public:
  PackedMatrix() = default;
  // All zero. Throws std::bad_alloc. Requires: isa <= DetectedIsa().
  PackedMatrix(std::size_t outputs, std::size_t inputs, Isa isa = ActiveIsa());

  // Packs rows [first_output, first_output + rows.rows) of W. The original may
  // be fed in slices and released. Throws tessera::Error if they don't fit.
  void SetRows(std::size_t first_output, Rows<const float> rows);
  void SetBias(std::size_t first_output, std::span<const float> bias);

  std::size_t outputs() const { return outputs_; }
  std::size_t inputs() const { return inputs_; }
  std::size_t bytes() const { return data_.bytes() + bias_.bytes(); }

  PackedView view() const;     // for PackedProduct()
  StridedTable table() const;  // for EmbedRows(): V = N, D = K
  const Implementation<decltype(PackedProduct)>& product() const {
    return *product_;
  }

 private:
  std::size_t outputs_ = 0;
  std::size_t inputs_ = 0;
  std::size_t panel_columns_ = 1;
  std::size_t panel_stride_ = 0;
  const Implementation<decltype(PackedProduct)>* product_ = nullptr;
  AlignedBuffer<float> data_;  // f32 [panels][panel_stride]
  AlignedBuffer<float> bias_;  // f32 [N rounded up to panels]
};

//   y[m][n] = act(b[n] + sum_k x[m][k] W[n][k])
//
//   x  f32 [M, K], stride in elements.
//   y  f32 [M, N], stride in elements; may not alias x.
//
// Threads of the context take blocks of rows or of columns. Everything else is
// as PackedProduct() says: in particular, bits depend neither on the number of
// threads nor on M, and there is no allocation except inside oneDNN.
void Multiply(Rows<const float> x, const PackedMatrix& w, Activation activation,
              Rows<float> y, ExecContext& context) noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PACKED_MATRIX_H_
