// Names and shapes; reading, converting and scanning a tensor piece by piece.
#include "models/weights/tensor_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "models/files/message.h"

namespace tessera::models {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;  // values: 256 KiB of f32

// Copies elements of `Size` bytes by strides, from the one with the row-major
// index `first` on.
template <std::size_t Size>
void Gather(const TensorInfo& tensor, const std::byte* stored,
            std::uint64_t first, std::span<std::byte> out) {
  const std::size_t rank = tensor.shape.size();
  std::vector<std::size_t> index(rank);
  std::size_t at = 0;
  for (std::size_t axis = rank; axis-- > 0; first /= tensor.shape[axis]) {
    index[axis] = static_cast<std::size_t>(first % tensor.shape[axis]);
    at += index[axis] * tensor.strides[axis];
  }
  for (std::size_t to = 0; to < out.size(); to += Size) {
    std::memcpy(&out[to], stored + at * Size, Size);
    for (std::size_t axis = rank; axis-- > 0;) {
      at += tensor.strides[axis];
      if (++index[axis] < tensor.shape[axis]) break;
      at -= tensor.strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
}

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

// Rounds to the nearest; what is too large becomes infinite.
void ReadDoubles(const TensorReader& reader, std::size_t first,
                 std::span<float> out) {
  std::vector<double> stored(out.size());
  reader.Read(first * sizeof(double),
              std::as_writable_bytes(std::span(stored)));
  constexpr double kMost = std::numeric_limits<float>::max();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::ranges::transform(stored, out.begin(), [](double value) {
    // The cast of more than half a step beyond the largest is not defined.
    if (value > kMost * (1 + 0x1p-25)) return kInfinity;
    if (value < -kMost * (1 + 0x1p-25)) return -kInfinity;
    return static_cast<float>(value);
  });
}

// Reads values [first, first + out.size()); scratch holds as many 16-bit ones.
void ReadPiece(const TensorReader& reader, DType dtype, std::size_t first,
               std::span<std::uint16_t> scratch, std::span<float> out) {
  if (dtype == DType::kF64) return ReadDoubles(reader, first, out);
  if (dtype == DType::kF32) {
    reader.Read(first * sizeof(float), std::as_writable_bytes(out));
    return;
  }
  const auto stored = scratch.first(out.size());
  reader.Read(first * sizeof(std::uint16_t), std::as_writable_bytes(stored));
  if (dtype == DType::kF16) {
    ConvertF16(stored, out);
  } else {
    ConvertBF16(stored, out);
  }
}

}  // namespace

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

void CheckTensorName(const std::string& file, std::string_view name) {
  const bool printable = std::all_of(
      name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (printable && !name.empty() && name.size() <= kMaxTensorNameBytes) return;
  Refuse(file,
         Cat("tensor names of 1 to ", kMaxTensorNameBytes,
             " printable ASCII characters"),
         QuoteText(name));
}

TensorReader::TensorReader(const TensorFile& file, const TensorInfo& tensor)
    : file_(file), tensor_(tensor) {
  if (tensor.strides.empty()) return;
  held_.resize(static_cast<std::size_t>(tensor.bytes()));
  file.ReadAt(tensor, 0, held_);
}

void TensorReader::Read(std::uint64_t offset, std::span<std::byte> out) const {
  if (tensor_.strides.empty()) return file_.ReadAt(tensor_, offset, out);
  const std::uint64_t size = Bits(tensor_.dtype) / 8;
  const auto gather = size == 1   ? Gather<1>
                      : size == 2 ? Gather<2>
                      : size == 4 ? Gather<4>
                                  : Gather<8>;
  gather(tensor_, held_.data(), offset / size, out);
}

std::optional<std::size_t> ReadFloats(const TensorFile& file,
                                      const TensorInfo& tensor,
                                      std::size_t first, std::span<float> out) {
  const TensorReader reader(file, tensor);
  std::vector<std::uint16_t> scratch(std::min(kPiece, out.size()));
  for (std::size_t at = 0; at < out.size(); at += kPiece) {
    const auto piece = out.subspan(at, std::min(kPiece, out.size() - at));
    ReadPiece(reader, tensor.dtype, first + at, scratch, piece);
    const std::size_t bad = FirstNonFinite(piece);
    if (bad < piece.size()) return at + bad;
  }
  return std::nullopt;
}

}  // namespace tessera::models
