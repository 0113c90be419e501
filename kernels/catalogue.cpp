// Collects the kernel lists.
#include "kernels/catalogue.h"

#include "kernels/activation/activation.h"
#include "kernels/attention/attention.h"
#include "kernels/embedding/embedding.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/layer_norm/layer_norm.h"
#include "kernels/softmax/softmax.h"
#include "kernels/top_k/top_k.h"

namespace tessera::kernels {
namespace {

template <class Fn>
std::vector<Implementation> Describe(std::span<const Kernel<Fn>> kernels) {
  std::vector<Implementation> described;
  Fn* const selected = Select(kernels);
  for (const Kernel<Fn>& kernel : kernels) {
    described.push_back({kernel.isa, kernel.name, kernel.run == selected});
  }
  return described;
}

}  // namespace

std::vector<std::vector<Implementation>> Catalogue() {
  return {Describe(AttentionTileKernels()),
          Describe(AttentionTileBf16Kernels()),
          Describe(AttentionMergeKernels()),
          Describe(AdditiveAttentionTileKernels()),
          Describe(AdditiveKeysKernels()),
          Describe(SoftmaxRowsKernels()),
          Describe(TopKRowsKernels()),
          Describe(LayerNormRowsKernels()),
          Describe(ActivateKernels()),
          Describe(EmbedRowsKernels()),
          Describe(PackedProductKernels())};
}

}  // namespace tessera::kernels
