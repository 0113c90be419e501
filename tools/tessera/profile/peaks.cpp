// Peaks of the machine, measured.
#include "tools/tessera/profile/peaks.h"

#include <algorithm>
#include <bit>

#include "kernels/gemm/product.h"
#include "kernels/isa.h"
#include "kernels/peaks/peaks.h"

namespace tessera::tools {

using kernels::ActiveIsa;

Peaks::Peaks(std::size_t weight_bytes)
    : flops_(kernels::FmaPeak(ActiveIsa())),
      integer_ops_(kernels::DotPeak(
          ActiveIsa(),
          kernels::ChooseProduct(kernels::ElementType::kS8, 1, 1, ActiveIsa())
              .inner)),
      weight_reads_(kernels::ReadBandwidth(ActiveIsa(), weight_bytes)) {}

double Peaks::LeastSeconds(const kernels::Cost& cost) {
  const double reads = cost.weight_bytes / weight_reads_ +
                       (cost.bytes > 0 ? cost.bytes / Reads(cost.bytes) : 0);
  return std::max(cost.flops / flops_ + cost.integer_ops / integer_ops_, reads);
}

double Peaks::Reads(double bytes) {
  constexpr std::size_t kSmallest = std::size_t{16} << 10;  // in any L1
  const std::size_t set =
      std::bit_ceil(std::max(kSmallest, static_cast<std::size_t>(bytes)));
  double& found = reads_[set];
  if (found == 0) found = kernels::ReadBandwidth(ActiveIsa(), set);
  return found;
}

}  // namespace tessera::tools
