// Collects the kernel lists.
#include "kernels/catalogue.h"

#include "kernels/activation/activation.h"
#include "kernels/attention/tile/tile.h"
#include "kernels/embedding/embedding.h"
#include "kernels/gemm/product.h"
#include "kernels/norm/norm.h"
#include "kernels/softmax/softmax.h"
#include "kernels/top_k/top_k.h"

namespace tessera::kernels {
namespace {

template <class Row>
CatalogueEntry Describe(std::span<const Row> kernels) {
  CatalogueEntry entry;
  bool all_taken = false;
  for (const Row& kernel : kernels) {
    const bool runs = !all_taken && kernel.RunsOn(ActiveIsa());
    entry.rows.push_back({kernel.isa, kernel.name, runs, kernel.when});
    all_taken |= runs && !kernel.when;
  }
  return entry;
}

CatalogueEntry Unused(CatalogueEntry entry) {
  entry.translates = false;
  return entry;
}

}  // namespace

std::vector<CatalogueEntry> Catalogue() {
  const auto tiles = [](ElementType type, Score score) {
    return Describe(AttentionTileKernels(type, score));
  };
  std::vector<CatalogueEntry> entries = {
      tiles(ElementType::kF32, Score::kDot),
      tiles(ElementType::kBf16, Score::kDot),
      Describe(AttentionMergeKernels()),
      tiles(ElementType::kF32, Score::kAdditive),
      Unused(tiles(ElementType::kBf16, Score::kAdditive)),
      Describe(AdditiveKeysKernels()),
      Unused(Describe(SoftmaxRowsKernels())),
      Describe(TopKRowsKernels()),
      Describe(NormRowsKernels()),
      Describe(AddRowsKernels()),
      Describe(ActivateKernels()),
      Describe(EmbedRowsKernels())};
  for (const ElementType type : kWeightTypes) {
    entries.push_back(Describe(ProductKernels(type)));
  }
  entries.push_back(Describe(QuantizeRowsKernels()));
  return entries;
}

}  // namespace tessera::kernels
