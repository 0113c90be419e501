// The subcommands: what main.cpp has a table of.
#ifndef TESSERA_TOOLS_TESSERA_COMMANDS_H_
#define TESSERA_TOOLS_TESSERA_COMMANDS_H_

#include <functional>

namespace CLI {
class App;
}

namespace tessera::tools {

// What runs a command, once the command line has been parsed; its value is the
// exit code: 0, 2 if nothing was done, 3 if some lines were not translated.
// Throws Error.
using RunCommand = std::function<int()>;

// Each adds its subcommand, of that name, to the program.
RunCommand AddAttentionCommand(CLI::App& program);
RunCommand AddGenerateCommand(CLI::App& program);
RunCommand AddInspectCommand(CLI::App& program);
RunCommand AddPackCommand(CLI::App& program);
RunCommand AddProfileCommand(CLI::App& program);
RunCommand AddScoreCommand(CLI::App& program);
RunCommand AddTranslateCommand(CLI::App& program);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_COMMANDS_H_
