// Strings of catalogues: what stands between quotes.
#ifndef TESSERA_TOOLS_TESSERA_FORMATS_PO_TEXT_H_
#define TESSERA_TOOLS_TESSERA_FORMATS_PO_TEXT_H_

#include <string>
#include <string_view>

namespace tessera::tools {

// What a string in quotes, with C's escapes, means. Throws Error for one that
// is none.
std::string PoUnquote(std::string_view quoted);

// The lines of a field: `word`, a space and the text as a string, or where it
// has line ends within, an empty one and a string for each line. Each line ends
// with `line_end`.
std::string PoField(std::string_view word, std::string_view text,
                    std::string_view line_end);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_FORMATS_PO_TEXT_H_
