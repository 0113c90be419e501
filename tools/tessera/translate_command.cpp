// Options of `tessera translate`.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "tools/tessera/commands.h"
#include "tools/tessera/text_command.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  echo "Where is the station?" | tessera translate
  tessera translate --input letters.en --output letters.fr --beam-size 1
  tessera translate --model opus-mt-en-de --format json < text.en

Exit code: 0; 3 if some lines could not be translated (they are left empty,
messages on standard error tell why, of the first ten); 2 if none could, or if
nothing was read or written.)";

struct Arguments {
  std::optional<std::filesystem::path> input;
  TextArguments text;
};

}  // namespace

RunCommand AddTranslateCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command =
      *program.add_subcommand("translate", "Translate text, line by line");
  command.footer(kExamples);
  AddTextOptions(command, arguments->text);
  command
      .add_option("--input", arguments->input,
                  "UTF-8 text, a sentence a line (default, or -: standard "
                  "input)")
      ->type_name("FILE");
  AddOutputOptions(command, arguments->text);
  return [arguments] {
    LineSource source(arguments->input);
    return RunTexts(arguments->text, source, "lines");
  };
}

}  // namespace tessera::tools
