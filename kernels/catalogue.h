// Every kernel with its implementations, for people and for `tessera inspect`.
#ifndef TESSERA_KERNELS_CATALOGUE_H_
#define TESSERA_KERNELS_CATALOGUE_H_

#include <string>
#include <vector>

#include "kernels/isa.h"

namespace tessera::kernels {

struct CatalogueRow {
  Isa isa;           // the level it needs
  const char* name;  // "SoftmaxRows/avx2"
  bool selected;     // what a call runs in this process
};

// Best first, one entry an operation. Built from the lists that dispatch uses.
std::vector<std::vector<CatalogueRow>> Catalogue();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_CATALOGUE_H_
