// `tessera attention`.
#ifndef TESSERA_TOOLS_TESSERA_ATTENTION_COMMAND_H_
#define TESSERA_TOOLS_TESSERA_ATTENTION_COMMAND_H_

#include <functional>

namespace CLI {
class App;
}

namespace tessera::tools {

// Adds the subcommand to the program. Returns what runs it, once the command
// line has been parsed; its value is the exit code. Throws Error.
std::function<int()> AddAttentionCommand(CLI::App& program);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_ATTENTION_COMMAND_H_
