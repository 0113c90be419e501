// f32 products by oneDNN, over the same packed weights.
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_ONEDNN_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_ONEDNN_H_

#include "kernels/gemm/product.h"

namespace tessera::kernels {

// y = x W^T + b by oneDNN, on the calling thread alone, without the rest of the
// epilogue; false if oneDNN has no fast path for it or fails, and then y holds
// nothing of use. Rows go through in fixed chunks: the bits of a library may
// depend on how many it is given.
//
// Requires: w in panels of 64 and AVX-512; w.outputs a multiple of 64, w.inputs
//   of 16, a bias, and y no operand of the epilogue (else false).
// Cost: the first product of a size by a thread makes its primitive (30 to 450
//   us); later ones find it. They are not made when a model opens: there is one
//   for every M up to 64 of every matrix, and each belongs to the thread that
//   runs it. Allocates inside
//   oneDNN, at most kMostProducts primitives a thread.
bool OneDnnProduct(const ProductArgs& args) noexcept;

// A ProductFn: whole panels by OneDnnProduct(), outputs behind the last whole
// panel by our own AVX-512 kernel, and all of them where that returns false.
// Which it is depends on W and on the place of the call alone, so the bits of a
// row still do not depend on M.
ProductFn PackedProductOneDnn;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_ONEDNN_H_
