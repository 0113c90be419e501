// Options of `tessera translate`.
#include <tessera/stream.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tools/tessera/commands.h"
#include "tools/tessera/common_options.h"
#include "tools/tessera/line_reader.h"
#include "tools/tessera/line_translation.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/output.h"
#include "tools/tessera/progress.h"

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
  std::optional<std::filesystem::path> model;
  std::optional<std::filesystem::path> input;
  std::optional<std::filesystem::path> output;
  std::string format = "text";
  bool progress = false;
  LoadOptions load;
  TranslateOptions translate;
};

void AddModelOptions(CLI::App& command, Arguments& arguments) {
  AddModelOption(command, arguments.model);
  command
      .add_option("--threads", arguments.load.threads,
                  "threads in all (default: as many as this process may "
                  "use)")
      ->check(CLI::Range(std::size_t{1}, kMaxThreads))
      ->type_name("N");
  AddPrecisionOption(command, arguments.load.precision);
  AddMemoryOption(command, arguments.load.memory_bytes);
}

void AddFileOptions(CLI::App& command, Arguments& arguments) {
  command
      .add_option("--format", arguments.format,
                  "text: a line each; json: an object a line, with pieces, "
                  "ids, score and log_probs")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command
      .add_option(
          "--input", arguments.input,
          "UTF-8 text, a sentence a line (default, or -: standard input)")
      ->type_name("FILE");
  command
      .add_option("--output", arguments.output,
                  "where to write (default, or -: standard output)")
      ->type_name("FILE");
  command.add_flag("--progress", arguments.progress,
                   "tell rate and time left on standard error (default: if "
                   "that is a terminal and the output is not)");
}

int Translate(const Arguments& arguments) {
  LineReader input(arguments.input);
  const Translator translator(FindModel(arguments.model), arguments.load);
  Stream stream(translator, arguments.translate);  // checks the options
  Output output(arguments.output, input.descriptor());
  Progress progress(
      {.shown = arguments.progress ||
                (isatty(STDERR_FILENO) == 1 && !output.IsTerminal()),
       .input_bytes = input.size_bytes()});
  LineTranslation translation(stream, input, output, progress,
                              {.json = arguments.format == "json"});
  const std::size_t failed = translation.Run();
  progress.Finish();
  output.Close();
  if (failed == 0) return 0;
  return failed == translation.lines() ? 2 : 3;
}

}  // namespace

RunCommand AddTranslateCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command =
      *program.add_subcommand("translate", "Translate text, line by line");
  command.footer(kExamples);
  AddModelOptions(command, *arguments);
  AddSearchOptions(command, arguments->translate);
  AddFileOptions(command, *arguments);
  return [arguments] { return Translate(*arguments); };
}

}  // namespace tessera::tools
