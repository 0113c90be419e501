// Reading, converting and scanning a tensor piece by piece.
#include "models/weights/read_floats.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "models/weights/convert.h"

namespace tessera::models {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;  // values: 256 KiB of f32

bool IsFinite(float value) {
  constexpr std::uint32_t kExponent = 0x7f800000u;
  return (std::bit_cast<std::uint32_t>(value) & kExponent) != kExponent;
}

// The index of the first value that is not finite, values.size() if none. The
// first loop has no exit, so that compilers vectorise it.
std::size_t FirstNonFinite(std::span<const float> values) {
  bool finite = true;
  for (const float value : values) finite &= IsFinite(value);
  if (finite) return values.size();
  const auto found = std::find_if_not(values.begin(), values.end(), IsFinite);
  return static_cast<std::size_t>(found - values.begin());
}

// Reads values [first, first + out.size()); scratch holds as many 16-bit ones.
void ReadPiece(const SafetensorsFile& file, const TensorInfo& tensor,
               std::size_t first, std::span<std::uint16_t> scratch,
               std::span<float> out) {
  if (tensor.dtype == DType::kF32) {
    file.ReadAt(tensor, first * sizeof(float), std::as_writable_bytes(out));
    return;
  }
  const auto stored = scratch.first(out.size());
  file.ReadAt(tensor, first * sizeof(std::uint16_t),
              std::as_writable_bytes(stored));
  if (tensor.dtype == DType::kF16) {
    ConvertF16(stored, out);
  } else {
    ConvertBF16(stored, out);
  }
}

}  // namespace

std::optional<std::size_t> ReadFloats(const SafetensorsFile& file,
                                      const TensorInfo& tensor,
                                      std::span<float> out) {
  std::vector<std::uint16_t> scratch(std::min(kPiece, out.size()));
  for (std::size_t first = 0; first < out.size(); first += kPiece) {
    const auto piece = out.subspan(first, std::min(kPiece, out.size() - first));
    ReadPiece(file, tensor, first, scratch, piece);
    const std::size_t bad = FirstNonFinite(piece);
    if (bad < piece.size()) return first + bad;
  }
  return std::nullopt;
}

}  // namespace tessera::models
