// What a weight file says about one of its tensors.
#ifndef TESSERA_MODELS_WEIGHTS_TENSOR_INFO_H_
#define TESSERA_MODELS_WEIGHTS_TENSOR_INFO_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/weights/dtype.h"

namespace tessera::models {

struct TensorInfo {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::size_t> shape;  // empty: a scalar

  // Elements from one index to the next, in each dimension. Empty: row-major
  // without gaps, as every safetensors file has it.
  std::vector<std::size_t> strides = {};

  // Where the values lie in the file, little-endian: [begin_bytes, end_bytes),
  // from the first element to the last. The loader has checked that shape,
  // strides and type need exactly these bytes. Tensors may share bytes.
  std::uint64_t begin_bytes = 0;
  std::uint64_t end_bytes = 0;

  std::uint64_t bytes() const { return end_bytes - begin_bytes; }
  std::uint64_t elements() const;

  // Whether strides give an element more than once, so that a small file can
  // claim a large tensor.
  bool repeats() const { return elements() > bytes() * 8 / Bits(dtype); }
};

// "[2048, 512]"; "[]" for a scalar.
std::string FormatShape(std::span<const std::size_t> shape);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_TENSOR_INFO_H_
