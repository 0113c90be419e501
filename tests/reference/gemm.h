// Matrix products in float64, from their definition: the oracle of the kernels.
#ifndef TESSERA_TESTS_REFERENCE_GEMM_H_
#define TESSERA_TESTS_REFERENCE_GEMM_H_

#include <cmath>
#include <cstddef>
#include <vector>

namespace tessera::reference {

struct ProductResult {
  std::vector<double> y;          // [M, N], y = x W^T + b
  std::vector<double> magnitude;  // [M, N], the same sum of absolute values
};

// Row-major: x [M, K], w [N, K], bias [N].
inline ProductResult MatrixProduct(const std::vector<float>& x,
                                   const std::vector<float>& w,
                                   const std::vector<float>& bias,
                                   std::size_t inputs) {
  ProductResult result;
  const std::size_t outputs = bias.size();
  const std::size_t rows = inputs == 0 ? 0 : x.size() / inputs;
  for (std::size_t m = 0; m < rows; ++m) {
    const float* row = x.data() + m * inputs;
    for (std::size_t n = 0; n < outputs; ++n) {
      const float* weights = w.data() + n * inputs;
      double sum = bias[n], magnitude = std::fabs(sum);
      for (std::size_t k = 0; k < inputs; ++k) {
        const double product =
            static_cast<double>(row[k]) * static_cast<double>(weights[k]);
        sum += product;
        magnitude += std::fabs(product);
      }
      result.y.push_back(sum);
      result.magnitude.push_back(magnitude);
    }
  }
  return result;
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_GEMM_H_
