// PackedProduct by oneDNN, over the same packed weights.
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_ONEDNN_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_ONEDNN_H_

#include "kernels/gemm/product.h"

namespace tessera::kernels {

// y = x W^T + b by oneDNN, on the calling thread alone; false if oneDNN has no
// fast path for it or fails, and then y holds nothing of use. Rows go through
// in fixed chunks: the bits of a library may depend on how many it is given.
//
// Requires: w in panels of 64, w.outputs a multiple of 64 and w.inputs of 16
//   (else false), AVX-512.
// Cost: the first product of a size by a thread makes its primitive (30 to 450
//   us); later ones find it. Allocates inside oneDNN.
bool OneDnnProduct(Rows<const float> x, const PackedView& w,
                   Rows<float> y) noexcept;

// PackedProduct() with whole panels by OneDnnProduct(), outputs behind the last
// whole panel by our own AVX-512 kernel, and all of them where that returns
// false. Which it is depends on W alone, so the bits of a row still do not
// depend on M.
void PackedProductOneDnn(Rows<const float> x, const PackedView& w,
                         Activation activation, Rows<float> y) noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_ONEDNN_H_
