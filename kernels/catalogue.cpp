// Collects the kernel lists.
#include "kernels/catalogue.h"

#include "kernels/activation/activation.h"
#include "kernels/attention/tile/tile.h"
#include "kernels/embedding/embedding.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/norm/norm.h"
#include "kernels/softmax/softmax.h"
#include "kernels/top_k/top_k.h"

namespace tessera::kernels {
namespace {

template <class Row>
std::vector<CatalogueRow> Describe(std::span<const Row> kernels) {
  std::vector<CatalogueRow> described;
  const auto selected = Select(kernels);
  for (const Row& kernel : kernels) {
    described.push_back({kernel.isa, kernel.name, kernel.run == selected});
  }
  return described;
}

}  // namespace

std::vector<std::vector<CatalogueRow>> Catalogue() {
  return {Describe(AttentionTileKernels(ElementType::kF32, Score::kDot)),
          Describe(AttentionTileKernels(ElementType::kBf16, Score::kDot)),
          Describe(AttentionMergeKernels()),
          Describe(AttentionTileKernels(ElementType::kF32, Score::kAdditive)),
          Describe(AttentionTileKernels(ElementType::kBf16, Score::kAdditive)),
          Describe(AdditiveKeysKernels()),
          Describe(SoftmaxRowsKernels()),
          Describe(TopKRowsKernels()),
          Describe(LayerNormRowsKernels()),
          Describe(ActivateKernels()),
          Describe(EmbedRowsKernels()),
          Describe(PackedProductKernels())};
}

}  // namespace tessera::kernels
