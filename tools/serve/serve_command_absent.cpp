// `tessera serve` of a program that was built without Boost.
#include <tessera/error.h>

#include <CLI/CLI.hpp>

#include "tools/tessera/commands.h"

namespace tessera::tools {

RunCommand AddServeCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand(
      "serve", "Answer requests over HTTP (left out of this program)");
  command.allow_extras();
  return []() -> int {
    throw Error(
        "serve: want a program built with Boost 1.81 or newer "
        "(libboost1.81-dev), found one without");
  };
}

}  // namespace tessera::tools
