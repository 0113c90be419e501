// The command line program: subcommands, exit codes, the last catch.
#include <tessera/translator.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <string>

#include "kernels/isa.h"
#include "tools/tessera/commands.h"

namespace tessera::tools {
namespace {

constexpr struct {
  const char* name;
  RunCommand (*add)(CLI::App& program);
} kCommands[] = {
    {"translate", AddTranslateCommand}, {"generate", AddGenerateCommand},
    {"score", AddScoreCommand},         {"attention", AddAttentionCommand},
    {"inspect", AddInspectCommand},     {"pack", AddPackCommand},
    {"profile", AddProfileCommand},
};

constexpr int kFailure = 2;

int Fail(std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  std::fprintf(stderr, "tessera: %s\n", message.c_str());
  return kFailure;
}

int Run(int argc, char** argv) {
  CLI::App program(
      "Translates text, and makes other texts of it, with Transformer models "
      "on CPUs.",
      "tessera");
  program.footer(R"(Examples:
  echo "Where is the station?" | tessera translate
  tessera generate --model bart-large-cnn article.txt
  tessera attention --text "Where is the station?"
  tessera inspect --kernels
  tessera translate --help)");
  program.set_version_flag("--version", "tessera " + std::string(Version()));
  program.require_subcommand(1);
  std::map<std::string, RunCommand> commands;
  for (const auto& [name, add] : kCommands) commands[name] = add(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return program.exit(success);
  } catch (const CLI::ParseError& error) {
    return Fail(error.what());
  }
  kernels::CheckIsaRequest();
  return commands.at(program.get_subcommands().front()->get_name())();
}

}  // namespace
}  // namespace tessera::tools

int main(int argc, char** argv) {
  // A reader that has left shows as an error of write, with a message.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return tessera::tools::Run(argc, argv);
  } catch (const std::exception& error) {
    return tessera::tools::Fail(error.what());
  }
}
