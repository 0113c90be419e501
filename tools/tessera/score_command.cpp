// Options of `tessera score`.
#include <tessera/translator.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tools/tessera/commands.h"
#include "tools/tessera/common_options.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/output.h"
#include "tools/tessera/progress.h"
#include "tools/tessera/scored_lines.h"
#include "tools/tessera/text_command.h"
#include "tools/tessera/text_source.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  printf 'Stop!\tArrêtez !\n' | tessera score
  paste letters.en letters.fr | tessera score --format json

A line is read whole, not split into sentences. Log-probabilities are those of
beam search, over the whole vocabulary, natural logarithms.

Exit code: 0; 3 if some lines could not be scored (their lines are left empty,
messages on standard error tell why, of the first ten); 2 if none could.)";

struct Arguments {
  std::optional<std::filesystem::path> model;
  LineInput input;
  std::optional<std::filesystem::path> output;
  std::string format = "text";
  LoadOptions load;
  TranslateOptions translate = {.beam_size = 4};
};

int Score(const Arguments& arguments) {
  LineSource input(arguments.input);
  CheckOutput(arguments.output, input);
  const Translator translator(FindModel(arguments.model), arguments.load);
  TellWarnings(translator);
  translator.Check(arguments.translate);
  Output output(arguments.output);
  Progress progress(
      {.shown = isatty(STDERR_FILENO) == 1 && !output.IsTerminal(),
       .input_bytes = input.size_bytes(),
       .texts = "lines"});
  ScoredLines lines(
      translator, input, output, progress,
      {.json = arguments.format == "json", .translate = arguments.translate});
  const std::size_t failed = lines.Run();
  progress.Finish();
  output.Close();
  return ExitCode(failed, lines.texts());
}

}  // namespace

RunCommand AddScoreCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command = *program.add_subcommand(
      "score", "Tell how probable the model finds translations");
  command.footer(kExamples);
  AddModelOption(command, arguments->model);
  AddThreadsOption(command, arguments->load);
  AddPrecisionOption(command, arguments->load.precision);
  AddIgnoreOption(command, arguments->load.ignore_unsupported);
  AddMemoryOption(command, arguments->load.memory_bytes);
  AddLanguageOptions(command, arguments->translate);
  command
      .add_option("--format", arguments->format,
                  "text: total, perplexity and the log-probability of each "
                  "token, with tabs between; json: an object a line, with "
                  "pieces and ids")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  CLI::Option* const input =
      command
          .add_option("--input", arguments->input.file,
                      "UTF-8 text, a line each: source, tab, target (default, "
                      "or -: standard input)")
          ->type_name("FILE");
  AddTextOption(command, arguments->input.texts,
                "a line in place of those of --input; may be repeated "
                "(--text=TEXT where it begins with -)")
      ->excludes(input);
  command
      .add_option("--output", arguments->output,
                  "where to write (default, or -: standard output)")
      ->type_name("FILE");
  return [arguments] { return Score(*arguments); };
}

}  // namespace tessera::tools
