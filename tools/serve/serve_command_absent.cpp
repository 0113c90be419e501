// `tessera serve` of a program that was built without Boost.
#include <tessera/error.h>

#include <CLI/CLI.hpp>
#include <cstddef>

#include "tools/tessera/commands.h"

namespace tessera::tools {

RunCommand AddServeCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand(
      "serve", "Answer requests over HTTP (left out of this program)");
  // Before its options are read: it knows none of them.
  command.preparse_callback([](std::size_t) {
    throw Error(
        "serve: want a program built with Boost 1.81 or newer "
        "(libboost1.81-dev), found one without");
  });
  return [] { return 0; };
}

}  // namespace tessera::tools
