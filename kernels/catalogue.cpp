// Collects the kernel lists.
#include "kernels/catalogue.h"

#include "kernels/activation/activation.h"
#include "kernels/attention/attention.h"
#include "kernels/embedding/embedding.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/norm/norm.h"
#include "kernels/softmax/softmax.h"
#include "kernels/top_k/top_k.h"

namespace tessera::kernels {
namespace {

template <class Fn>
std::vector<CatalogueRow> Describe(
    std::span<const Implementation<Fn>> kernels) {
  std::vector<CatalogueRow> described;
  Fn* const selected = Select(kernels);
  for (const Implementation<Fn>& kernel : kernels) {
    described.push_back({kernel.isa, kernel.name, kernel.run == selected});
  }
  return described;
}

}  // namespace

std::vector<std::vector<CatalogueRow>> Catalogue() {
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
