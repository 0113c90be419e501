// One table: every element type, how files spell it, how wide it is.
#include "models/weights/dtype.h"

#include <cctype>

namespace tessera::models {
namespace {

struct Row {
  DType dtype;
  std::string_view spelling;
  std::uint64_t bits;
};

constexpr Row kRows[] = {
    // in the order of the enumeration
    {DType::kF32, "F32", 32},
    {DType::kF16, "F16", 16},
    {DType::kBF16, "BF16", 16},
    {DType::kF64, "F64", 64},
    {DType::kBool, "BOOL", 8},
    {DType::kI8, "I8", 8},
    {DType::kI16, "I16", 16},
    {DType::kI32, "I32", 32},
    {DType::kI64, "I64", 64},
    {DType::kU8, "U8", 8},
    {DType::kU16, "U16", 16},
    {DType::kU32, "U32", 32},
    {DType::kU64, "U64", 64},
    {DType::kC64, "C64", 64},
    {DType::kF8E5M2, "F8_E5M2", 8},
    {DType::kF8E4M3, "F8_E4M3", 8},
    {DType::kF8E8M0, "F8_E8M0", 8},
    {DType::kF8E4M3Fnuz, "F8_E4M3FNUZ", 8},
    {DType::kF8E5M2Fnuz, "F8_E5M2FNUZ", 8},
    {DType::kF6E2M3, "F6_E2M3", 6},
    {DType::kF6E3M2, "F6_E3M2", 6},
    {DType::kF4, "F4", 4},
};

constexpr bool InOrder() {
  std::size_t index = 0;
  for (const Row& row : kRows) {
    if (static_cast<std::size_t>(row.dtype) != index++) return false;
  }
  return true;
}
static_assert(InOrder());

const Row& RowOf(DType dtype) { return kRows[static_cast<std::size_t>(dtype)]; }

}  // namespace

std::optional<DType> ParseDType(std::string_view spelling) {
  for (const Row& row : kRows) {
    if (row.spelling == spelling) return row.dtype;
  }
  return std::nullopt;
}

std::string Name(DType dtype) {
  std::string name(RowOf(dtype).spelling);
  for (char& c : name) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

std::uint64_t Bits(DType dtype) { return RowOf(dtype).bits; }

bool IsReadable(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}

}  // namespace tessera::models
