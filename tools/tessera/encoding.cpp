// Byte order marks, and where NUL bytes stand.
#include "tools/tessera/encoding.h"

#include <algorithm>
#include <cstddef>

namespace tessera::tools {

std::string_view WideEncoding(std::string_view begin) {
  using namespace std::string_view_literals;
  if (begin.starts_with("\xFF\xFE\0\0"sv)) return "UTF-32LE";
  if (begin.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32BE";
  if (begin.starts_with("\xFF\xFE"sv)) return "UTF-16LE";
  if (begin.starts_with("\xFE\xFF"sv)) return "UTF-16BE";
  constexpr std::size_t kSample = 1024;
  const std::size_t pairs = std::min(begin.size(), kSample) / 2;
  std::size_t first = 0, second = 0;  // NULs there in pairs
  for (std::size_t i = 0; i < pairs; ++i) {
    first += begin[2 * i] == '\0' ? 1 : 0;
    second += begin[2 * i + 1] == '\0' ? 1 : 0;
  }
  constexpr std::size_t kFewest = 3;
  if (second >= kFewest && 2 * second >= pairs && first == 0) return "UTF-16LE";
  if (first >= kFewest && 2 * first >= pairs && second == 0) return "UTF-16BE";
  return "";
}

}  // namespace tessera::tools
