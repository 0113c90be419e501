// The command line program: subcommands, exit codes, the last catch.
#include <fcntl.h>
#include <tessera/translator.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "kernels/isa.h"
#include "tools/tessera/command_line.h"
#include "tools/tessera/commands.h"
#include "tools/tessera/message.h"

namespace tessera::tools {
namespace {

constexpr struct {
  const char* name;
  RunCommand (*add)(CLI::App& program);
} kCommands[] = {
    {"translate", AddTranslateCommand}, {"generate", AddGenerateCommand},
    {"score", AddScoreCommand},         {"attention", AddAttentionCommand},
    {"inspect", AddInspectCommand},     {"pack", AddPackCommand},
    {"profile", AddProfileCommand},     {"serve", AddServeCommand},
    {"health", AddHealthCommand},
};

constexpr int kFailure = 2;

int Fail(const std::string& message) {
  PrintMessage(message);
  return kFailure;
}

// Help and version, which a full disk may keep.
int Print(CLI::App& program, const CLI::Success& success) {
  program.exit(success);
  if (std::cout.flush()) return 0;
  return Fail("standard output: want to write, found: " +
              std::generic_category().message(errno));
}

// A file that is opened must not become standard output or error, and take what
// is written there.
void OpenStandardDescriptors() {
  for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest number that is free: this one.
    if (open("/dev/null", O_RDWR) < 0) _exit(kFailure);
  }
}

// While it lives, lack of memory where nothing may be thrown ends the program
// with a message: CLI11 allocates in functions that are noexcept.
class EndsForWantOfMemory {
 public:
  EndsForWantOfMemory() = default;
  ~EndsForWantOfMemory() { std::set_terminate(saved_); }
  EndsForWantOfMemory(const EndsForWantOfMemory&) = delete;
  EndsForWantOfMemory& operator=(const EndsForWantOfMemory&) = delete;

 private:
  static void End() {
    try {
      if (std::current_exception()) throw;
    } catch (const std::bad_alloc&) {
      constexpr std::string_view kLine = "tessera: out of memory\n";
      std::fwrite(kLine.data(), 1, kLine.size(), stderr);
      _exit(kFailure);
    } catch (...) {  // a fault of the program's
    }
    std::abort();
  }

  std::terminate_handler saved_ = std::set_terminate(End);
};

int Run(int argc, char** argv) {
  std::optional<EndsForWantOfMemory> parses(std::in_place);
  CLI::App program(
      "Translates text, and makes other texts of it, with Transformer models "
      "on CPUs.",
      "tessera");
  program.footer(R"(Examples:
  echo "Where is the station?" | tessera translate
  tessera generate --model bart-large-cnn article.txt
  tessera attention --text "Where is the station?"
  tessera inspect --kernels
  tessera translate --help

Exit code: 0; 2 if nothing could be done; 3 if some lines could not be
translated.)");
  program.set_version_flag("--version", "tessera " + std::string(Version()));
  program.require_subcommand(1);
  std::map<std::string, RunCommand> commands;
  for (const auto& [name, add] : kCommands) {
    commands[name] = add(program);
    MakeStrict(*program.get_subcommand(name));
  }
  try {
    program.parse(Arguments(argc, argv, program));
    CheckKnown(*program.get_subcommands().front());
  } catch (const CLI::Success& success) {  // --help, --version
    return Print(program, success);
  } catch (const CLI::ParseError& error) {
    return Fail(error.what());
  }
  const RunCommand& run =
      commands.at(program.get_subcommands().front()->get_name());
  parses.reset();
  kernels::CheckIsaRequest();
  return run();
}

}  // namespace
}  // namespace tessera::tools

int main(int argc, char** argv) {
  tessera::tools::OpenStandardDescriptors();
  // A reader that has left shows as an error of write, with a message.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return tessera::tools::Run(argc, argv);
  } catch (const std::bad_alloc&) {
    return tessera::tools::Fail("out of memory");
  } catch (const std::exception& error) {
    return tessera::tools::Fail(error.what());
  }
}
