// Messages in one write, so that lines of several programs do not mix.
#include "tools/tessera/message.h"

#include <cstdio>
#include <string>

#include "tools/tessera/terminal_text.h"

namespace tessera::tools {

void PrintMessage(std::string_view text, std::string_view before) {
  const std::string line =
      std::string(before) + "tessera: " + Escaped(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace tessera::tools
