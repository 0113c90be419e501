// Encodings that a file may have instead of UTF-8.
#ifndef TESSERA_TOOLS_TESSERA_ENCODING_H_
#define TESSERA_TOOLS_TESSERA_ENCODING_H_

#include <string_view>

namespace tessera::tools {

// The name that `iconv -f` knows an input by whose first bytes these are, if it
// is UTF-16, as PowerShell and spreadsheets write it, or UTF-32; else empty.
// Without a byte order mark: every other byte of half the characters is NUL.
std::string_view WideEncoding(std::string_view begin);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_ENCODING_H_
