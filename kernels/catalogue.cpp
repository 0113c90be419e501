// Collects the kernel lists.
#include "kernels/catalogue.h"

#include "kernels/activation/activation.h"
#include "kernels/attention/attention.h"
#include "kernels/embedding/embedding.h"
#include "kernels/gemm/product.h"
#include "kernels/norm/norm.h"
#include "kernels/softmax/softmax.h"
#include "kernels/top_k/top_k.h"

namespace tessera::kernels {
namespace {

template <class Fn>
CatalogueEntry Describe(std::span<const Implementation<Fn>> kernels) {
  CatalogueEntry entry;
  bool all_taken = false;
  for (const Implementation<Fn>& kernel : kernels) {
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
  std::vector<CatalogueEntry> entries = {
      Describe(AttentionTileKernels()),
      Unused(Describe(AttentionTileBf16Kernels())),
      Describe(AttentionMergeKernels()),
      Describe(AdditiveAttentionTileKernels()),
      Describe(AdditiveKeysKernels()),
      Unused(Describe(SoftmaxRowsKernels())),
      Describe(TopKRowsKernels()),
      Describe(NormRowsKernels()),
      Describe(AddRowsKernels()),
      Describe(ActivateKernels()),
      Describe(EmbedRowsKernels())};
  for (const ElementType type : kAllElementTypes) {
    entries.push_back(Describe(ProductKernels(type)));
  }
  return entries;
}

}  // namespace tessera::kernels
