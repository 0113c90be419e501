// Options of `tessera translate`.
#include <tessera/error.h>
#include <tessera/stream.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tools/tessera/commands.h"
#include "tools/tessera/common_options.h"
#include "tools/tessera/line_format.h"
#include "tools/tessera/line_reader.h"
#include "tools/tessera/line_translation.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/output.h"
#include "tools/tessera/progress.h"
#include "tools/tessera/streamed_lines.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  echo "Where is the station?" | tessera translate
  tessera translate --input letters.en --output letters.fr --beam-size 1
  tessera translate --model opus-mt-en-de --format json < text.en

Exit code: 0; 2 if a line could not be translated (its line is left empty, a
message on standard error tells why) or if nothing could.)";

struct Arguments {
  std::optional<std::filesystem::path> model;
  std::optional<std::filesystem::path> input;
  std::optional<std::filesystem::path> output;
  std::string input_format = "text";
  std::optional<std::string> column;
  std::string format = "text";
  ShownAlignments alignments = ShownAlignments::kNone;
  bool stream = false;
  bool resume = false;
  bool progress = false;
  LoadOptions load;
  TranslateOptions translate;
};

void AddModelOptions(CLI::App& command, Arguments& arguments) {
  AddModelOption(command, arguments.model);
  AddThreadsOption(command, arguments.load);
  AddPrecisionOption(command, arguments.load.precision);
}

void AddFileOptions(CLI::App& command, Arguments& arguments) {
  command
      .add_option("--format", arguments.format,
                  "text: a line each; json: an object a line, with pieces, "
                  "ids, score and log_probs")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command
      .add_option("--input", arguments.input,
                  "UTF-8 text, line by line (default: standard input)")
      ->type_name("FILE");
  command
      .add_option("--input-format", arguments.input_format,
                  "text: the line is the text; tsv: a field of the line is, "
                  "which its translation replaces; jsonl: a string of an "
                  "object is, which gets a \"translation\"; \"options\" in it "
                  "hold for the line: beam_size, length_penalty, max_length, "
                  "max_new_tokens, source_lang, target_lang, split")
      ->check(CLI::IsMember({"text", "tsv", "jsonl"}))
      ->capture_default_str();
  command
      .add_option("--column", arguments.column,
                  "where the text is: tsv: the field's number (1); jsonl: its "
                  "key (text)")
      ->type_name("NAME");
  command
      .add_option("--output", arguments.output,
                  "where to write (default: standard output)")
      ->type_name("FILE");
  command.add_flag("--resume", arguments.resume,
                   "go on with an --output that was interrupted, FILE.part, "
                   "behind its last whole line; the same input and options "
                   "are wanted");
  command.add_flag(
      "--stream", arguments.stream,
      "write each line while it comes: its words as soon as all "
      "beams agree on them; lines are translated one after another "
      "(text only)");
  command.add_flag("--progress", arguments.progress,
                   "tell rate and time left on standard error (default: if "
                   "that is a terminal and the output is not)");
}

std::size_t TranslateLines(const Arguments& arguments,
                           const Translator& translator, LineReader& input,
                           const LineFormat& format, Output& output,
                           Progress& progress) {
  Stream stream(translator, arguments.translate);
  return LineTranslation(stream, input, format, output, progress,
                         {.json = arguments.format == "json",
                          .alignments = arguments.alignments,
                          .translate = arguments.translate,
                          .skipped = output.lines_kept()})
      .Run();
}

int Translate(const Arguments& arguments) {
  const auto format = MakeLineFormat(arguments.input_format, arguments.column);
  if (arguments.stream &&
      (arguments.format == "json" || arguments.input_format != "text" ||
       arguments.alignments != ShownAlignments::kNone)) {
    throw Error(
        "--stream: want text alone, found --format json, "
        "--input-format or --alignments");
  }
  if (arguments.resume && (arguments.stream || !arguments.output)) {
    throw Error("--resume: want --output and no --stream");
  }
  LineReader input(arguments.input);
  const Translator translator(FindModel(arguments.model), arguments.load);
  translator.Check(arguments.translate);
  Output output(arguments.output, input.descriptor(), arguments.resume);
  Progress progress(
      {.shown = arguments.progress ||
                (isatty(STDERR_FILENO) == 1 && !output.IsTerminal()),
       .input_bytes = input.size_bytes()});
  const std::size_t failed =
      arguments.stream ? StreamedLines(translator, arguments.translate, input,
                                       output, progress)
                             .Run()
                       : TranslateLines(arguments, translator, input, *format,
                                        output, progress);
  progress.Finish();
  output.Close();
  return failed == 0 ? 0 : 2;
}

}  // namespace

RunCommand AddTranslateCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command =
      *program.add_subcommand("translate", "Translate text, line by line");
  command.footer(kExamples);
  AddModelOptions(command, *arguments);
  AddSearchOptions(command, arguments->translate);
  AddSplitOption(command, arguments->translate);
  AddTimeLimitOption(command, arguments->translate);
  AddAlignmentOptions(command, arguments->translate, arguments->alignments);
  AddFileOptions(command, *arguments);
  return [arguments] { return Translate(*arguments); };
}

}  // namespace tessera::tools
