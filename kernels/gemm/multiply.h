// Products by packed matrices, on the threads of a context.
#ifndef TESSERA_KERNELS_GEMM_MULTIPLY_H_
#define TESSERA_KERNELS_GEMM_MULTIPLY_H_

#include "kernels/context.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/views.h"

namespace tessera::kernels {

//   y[m][n] = act(b[n] + sum_k x[m][k] W[n][k]), with the rest of the epilogue,
//   whose bias is that of w
//
//   x  f32 [M, K], stride in elements.
//   y  f32 [M, N], stride in elements; may not alias x.
//
// Threads of the context take blocks of rows or of columns. Everything else is
// as ProductFn says: in particular, bits depend neither on the number of
// threads nor on M. Throws std::bad_alloc if the context's scratch has to grow
// for rounded rows; allocates nothing else, but inside oneDNN.
void Multiply(Rows<const float> x, const PackedMatrix& w, Epilogue epilogue,
              Rows<float> y, ExecContext& context);

// The same with outputs that come a part at a time, so that nobody holds all of
// y. x, w and context must outlive it, and no other operation may run in the
// context that multiplies.
class ProductInParts {
 public:
  // Rounds x where the product wants that. Throws as Multiply does.
  ProductInParts(Rows<const float> x, const PackedMatrix& w,
                 ExecContext& context);

  // y := outputs [first, first + y.cols); first a multiple of 64, operands of
  // the epilogue those of the part.
  void Outputs(std::size_t first, Epilogue epilogue,
               Rows<float> y) const noexcept;

 private:
  const PackedMatrix& w_;
  ExecContext& context_;
  TypedRows x_;  // as the product of w wants it
  const RowScale* x_scales_ = nullptr;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_MULTIPLY_H_
