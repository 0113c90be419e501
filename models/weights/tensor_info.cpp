// Shapes as text.
#include "models/weights/tensor_info.h"

namespace tessera::models {

std::string FormatShape(std::span<const std::size_t> shape) {
  std::string text = "[";
  for (const std::size_t dimension : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(dimension);
  }
  return text + "]";
}

}  // namespace tessera::models
