// Text in columns of a terminal.
#ifndef TESSERA_TOOLS_TESSERA_TERMINAL_TEXT_H_
#define TESSERA_TOOLS_TESSERA_TERMINAL_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tessera::tools {

// The text with U+FFFD for each character that would move the cursor or that
// nobody sees: controls, line ends, marks of direction. Also for bytes that are
// not UTF-8.
std::string Printable(std::string_view text);

// The same with line ends as spaces and all others spelled: "\u{1B}", or "\xFF"
// for a byte that is not UTF-8. For messages: one line, and nothing is lost.
std::string Escaped(std::string_view text);

// The columns that a printable text takes: 2 for wide characters (CJK), 0 for
// combining marks.
std::size_t Columns(std::string_view text);

// The text cut to at most `columns`, with "…" where something is missing.
std::string Shortened(std::string_view text, std::size_t columns);

// The text with spaces before or behind it, `columns` wide in all; as it is
// where it is wider.
std::string RightAligned(std::string_view text, std::size_t columns);
std::string LeftAligned(std::string_view text, std::size_t columns);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_TERMINAL_TEXT_H_
