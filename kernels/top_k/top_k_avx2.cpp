// TopKRows for AVX2.
#include "kernels/top_k/top_k_impl.h"

namespace tessera::kernels {

void TopKRowsAvx2(Rows<const float> logits, std::size_t first,
                  Rows<float> values, Rows<std::int32_t> ids,
                  TopKSeen* seen) noexcept {
  TopKRowsImpl<Avx2>(logits, first, values, ids, seen);
}

}  // namespace tessera::kernels
