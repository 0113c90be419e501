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
  bool runs;         // calls reach it in this process
  const char* when;  // these calls: "W >= 1 Mi weights"; nullptr: all that no
                     // row before it takes
};

struct CatalogueEntry {
  std::vector<CatalogueRow> rows;  // best first
  bool translates = true;          // translations call the operation
};

// One entry an operation. Built from the lists that dispatch uses.
std::vector<CatalogueEntry> Catalogue();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_CATALOGUE_H_
