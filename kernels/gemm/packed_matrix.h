// Weight matrices, packed once for multiplication.
#ifndef TESSERA_KERNELS_GEMM_PACKED_MATRIX_H_
#define TESSERA_KERNELS_GEMM_PACKED_MATRIX_H_

#include <cstddef>
#include <cstdint>
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
// layer y = act(x W^T + b), in the layout that one product wants:
//
//   f32 of AVX-512     [N / 64][K rounded up to 16][64], which is oneDNN's
//                      BA16a64b: both backends read the same memory
//   f32 of AVX2        [N / 16][K][16]
//   bf16               [N / 64 or 16][K / 2][64 or 16][2]
//   integers of VNNI   [N / 64 or 16][K / 4][64 or 16][4], others have pairs
//
// followed by the scales of integers and b, each f32 [N rounded up to panels].
// Tensors that share their input
// (the query, key and value projections) are packed one after another into one
// matrix, and multiplied at once. A matrix that is also an embedding table is
// stored once: EmbedRows() reads layout().
class PackedMatrix {
 public:
  PackedMatrix() = default;
  // All zero, for the product that is best for the CPU. Throws std::bad_alloc,
  // and tessera::Error if integers cannot be summed over so many inputs.
  PackedMatrix(std::size_t outputs, std::size_t inputs,
               ElementType type = ElementType::kF32)
      : PackedMatrix(outputs, inputs,
                     ChooseProduct(type, outputs, inputs, ActiveIsa())) {}
  // For one product. Requires: product.isa <= DetectedIsa().
  PackedMatrix(std::size_t outputs, std::size_t inputs,
               const ProductKernel& product);
  // What the storage() of such a matrix holds, as it is. Throws tessera::Error
  // also if it has another size or does not start on 64 bytes.
  PackedMatrix(std::size_t outputs, std::size_t inputs,
               const ProductKernel& product, Storage storage);

  // Of the storage of such a matrix. Throws as the constructors do.
  static std::size_t BytesOf(std::size_t outputs, std::size_t inputs,
                             const ProductKernel& product);

  // Packs rows [first_output, first_output + rows.rows) of W, rounded to
  // bf16 or integers where those are wanted. The original may be fed in slices
  // and released. Throws tessera::Error if they don't fit, or if the matrix is
  // mapped.
  void SetRows(std::size_t first_output, Rows<const float> rows);
  void SetBias(std::size_t first_output, std::span<const float> bias);

  // These outputs in this order, side by side in a matrix of their own.
  // Products have the bits that they have by the whole matrix, but for oneDNN's
  // (ForFewOutputs). Reads a cache line for every group of every output: all
  // lines of the matrix at a tenth of its outputs, of few in less time than one
  // product by the whole. Throws std::bad_alloc, and tessera::Error for an
  // output that is not there.
  PackedMatrix Select(std::span<const std::int32_t> chosen) const;

  std::size_t outputs() const { return layout_.outputs; }
  std::size_t inputs() const { return layout_.inputs; }
  std::size_t bytes() const { return storage_.bytes().size(); }

  const MatrixLayout& layout() const { return layout_; }
  const float* bias() const { return bias_; }  // f32 [N rounded up to panels]
  const Storage& storage() const { return storage_; }
  const ProductKernel& product() const { return *product_; }

 private:
  // Throws tessera::Error if outputs are not there, or not to be written.
  void CheckWrite(const char* function, std::size_t first, std::size_t count);
  // Rows that lie side by side in one panel.
  void SetFloats(std::size_t first_output, Rows<const float> rows);
  void SetHalves(std::size_t first_output, Rows<const float> rows);
  void SetIntegers(std::size_t first_output, Rows<const float> rows);
  template <class T>
  T* PanelOf(std::size_t output);

  Storage storage_;
  MatrixLayout layout_;          // of storage_
  const float* bias_ = nullptr;  // in storage_
  const ProductKernel* product_ = nullptr;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PACKED_MATRIX_H_
