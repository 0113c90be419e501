// The one way by which words reach standard error.
#ifndef TESSERA_TOOLS_TESSERA_MESSAGE_H_
#define TESSERA_TOOLS_TESSERA_MESSAGE_H_

#include <string_view>

namespace tessera::tools {

// Writes "tessera: TEXT" as a line of standard error, behind `before`. The text
// may hold bytes of files, names and options: it is Escaped.
void PrintMessage(std::string_view text, std::string_view before = "");

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_MESSAGE_H_
