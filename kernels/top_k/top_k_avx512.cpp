// TopKRows for AVX-512.
#include "kernels/top_k/top_k_impl.h"

namespace tessera::kernels {

void TopKRowsAvx512(Rows<const float> logits, std::size_t k, Rows<float> values,
                    Rows<std::int32_t> ids, float* log_sum_exp) noexcept {
  TopKRowsImpl<Avx512>(logits, k, values, ids, log_sum_exp);
}

}  // namespace tessera::kernels
