// The words of a packed file, for those that write and read it.
#ifndef TESSERA_MODELS_WEIGHTS_PACKED_MANIFEST_H_
#define TESSERA_MODELS_WEIGHTS_PACKED_MANIFEST_H_

#include <cstddef>
#include <string>

#include "kernels/gemm/product.h"

namespace tessera::models {

// Counts up when what layers ask for, or how it is packed, changes; the
// program's version stands beside it.
inline constexpr const char* kPackedFormat =
    "packed weights 1 of tessera " TESSERA_VERSION;

inline constexpr const char* kFormatKey = "format";
inline constexpr const char* kPrecisionKey = "precision";
inline constexpr const char* kLevelKey = "level";  // for people
inline constexpr const char* kParametersKey = "parameters";
inline constexpr const char* kStoredTypesKey = "stored types";
inline constexpr const char* kUnusedKey = "unused tensors";  // one a line
inline constexpr const char* kWarningsKey = "warnings";      // one a line
inline constexpr const char* kYes = "yes";
inline constexpr const char* kNo = "no";

inline constexpr std::size_t kPackedAlignment = 64;  // bytes

// The size of a tensor that holds `size` elements of so many bytes.
inline constexpr std::size_t Padded(std::size_t size,
                                    std::size_t element_bytes) {
  const std::size_t unit = kPackedAlignment / element_bytes;
  return (size + unit - 1) / unit * unit;
}

// How a matrix lies in memory, which two products may share:
// "int8 [1536, 512] in panels of 64 x 4, inputs by 4".
std::string DescribeLayout(const kernels::ProductKernel& product,
                           std::size_t outputs, std::size_t inputs);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_PACKED_MANIFEST_H_
