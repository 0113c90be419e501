// `tessera translate`.
#ifndef TESSERA_TOOLS_TESSERA_TRANSLATE_COMMAND_H_
#define TESSERA_TOOLS_TESSERA_TRANSLATE_COMMAND_H_

#include <functional>

namespace CLI {
class App;
}

namespace tessera::tools {

// Adds the subcommand to the program. Returns what runs it, once the command
// line has been parsed: 0 if every line was translated, else 2. Throws Error.
std::function<int()> AddTranslateCommand(CLI::App& program);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_TRANSLATE_COMMAND_H_
