// Shapes as numbers and as text.
#include "models/weights/tensor_info.h"

#include "models/weights/checked_math.h"

namespace tessera::models {

std::uint64_t TensorInfo::elements() const {
  return strides.empty() ? bytes() * 8 / Bits(dtype)
                         : CheckedElements(shape).value();
}

std::string FormatShape(std::span<const std::size_t> shape) {
  std::string text = "[";
  for (const std::size_t dimension : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(dimension);
  }
  return text + "]";
}

}  // namespace tessera::models
