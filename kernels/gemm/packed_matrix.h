// Weight matrices, packed once for multiplication.
#ifndef TESSERA_KERNELS_GEMM_PACKED_MATRIX_H_
#define TESSERA_KERNELS_GEMM_PACKED_MATRIX_H_

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "kernels/aligned_buffer.h"
#include "kernels/dispatch.h"
#include "kernels/gemm/matrix_layout.h"
#include "kernels/gemm/product.h"
#include "kernels/views.h"

namespace tessera::kernels {

// The memory of a matrix, owned or mapped.
class Storage {
 public:
  Storage() = default;
  // Owned, zero-filled. Throws std::bad_alloc.
  explicit Storage(std::size_t bytes) : owned_(bytes) {}
  // A part of a mapped file, which stays mapped as long as `file` has owners:
  // this storage is one. Read only.
  Storage(std::span<const std::byte> part, std::shared_ptr<const void> file)
      : mapped_(part), file_(std::move(file)) {}

  std::span<const std::byte> bytes() const {
    return file_ ? mapped_ : std::span(owned_.data(), owned_.size());
  }
  // nullptr: mapped.
  std::byte* writable() { return owned_.data(); }

 private:
  AlignedBuffer<std::byte> owned_;
  std::span<const std::byte> mapped_;
  std::shared_ptr<const void> file_;
};

// Holds the weights W [N outputs, K inputs] and the bias b [N] of a linear
// layer y = act(x W^T + b), in the layout of one instruction-set level:
//
//   AVX-512 and up  f32 [N / 64][K rounded up to 16][64], which is oneDNN's
//                   BA16a64b: both backends read the same memory
//   AVX2, scalar    f32 [N / 16][K][16]
//
// followed by b, f32 [N rounded up to panels]. Tensors that share their input
// (the query, key and value projections) are packed one after another into one
// matrix, and multiplied at once. A matrix that is also an embedding table is
// stored once: EmbedRows() reads layout().
class PackedMatrix {
 public:
  PackedMatrix() = default;
  // All zero. Throws std::bad_alloc. Requires: level <= DetectedIsa().
  PackedMatrix(std::size_t outputs, std::size_t inputs,
               Isa level = ActiveIsa());
  // What the storage() of such a matrix holds, as it is. Throws tessera::Error
  // if it has another size or does not start on 64 bytes.
  PackedMatrix(std::size_t outputs, std::size_t inputs, Storage storage,
               Isa level = ActiveIsa());

  // Packs rows [first_output, first_output + rows.rows) of W. The original may
  // be fed in slices and released. Throws tessera::Error if they don't fit, or
  // if the matrix is mapped.
  void SetRows(std::size_t first_output, Rows<const float> rows);
  void SetBias(std::size_t first_output, std::span<const float> bias);

  std::size_t outputs() const { return layout_.outputs; }
  std::size_t inputs() const { return layout_.inputs; }
  std::size_t bytes() const { return storage_.bytes().size(); }

  const MatrixLayout& layout() const { return layout_; }
  const float* bias() const { return bias_; }  // f32 [N rounded up to panels]
  const Storage& storage() const { return storage_; }
  const Implementation<ProductFn>& product() const { return *product_; }

 private:
  // Throws tessera::Error if outputs are not there, or not to be written.
  void CheckWrite(const char* function, std::size_t first, std::size_t count);

  Storage storage_;
  MatrixLayout layout_;          // of storage_
  const float* bias_ = nullptr;  // in storage_
  const Implementation<ProductFn>* product_ = nullptr;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PACKED_MATRIX_H_
