// Options of `tessera translate`.
#include <tessera/error.h>
#include <tessera/translator.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tools/tessera/commands.h"
#include "tools/tessera/formats/block.h"
#include "tools/tessera/formats/block_source.h"
#include "tools/tessera/line_format.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/progress.h"
#include "tools/tessera/streamed_lines.h"
#include "tools/tessera/text_command.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  echo "Where is the station?" | tessera translate
  tessera translate --text "Where is Tom?" --text "Here he is."
  tessera translate --input letters.en --output letters.fr --beam-size 1
  tessera translate --model opus-mt-en-de --format json < text.en

Exit code: 0; 3 if some lines could not be translated (they are left empty,
messages on standard error tell why, of the first ten); 2 if none could, or if
nothing was read or written.)";

struct Arguments {
  LineInput input;
  std::string input_format = "text";
  std::optional<std::string> column;
  bool stream = false;
  TextArguments text;
};

bool InBlocks(const Arguments& arguments) {
  return arguments.input_format == "srt" || arguments.input_format == "po";
}

// What is written of blocks are the blocks.
void CheckBlocks(const Arguments& arguments) {
  if (arguments.column || arguments.text.format == "json" ||
      arguments.text.resume || !arguments.input.texts.empty() ||
      arguments.text.alignments != ShownAlignments::kNone) {
    throw Error("--input-format " + arguments.input_format +
                ": want none of --text, --column, --format json, --resume and "
                "--alignments beside it");
  }
}

void Check(const Arguments& arguments) {
  if (InBlocks(arguments)) CheckBlocks(arguments);
  const TextArguments& text = arguments.text;
  if (text.resume && (arguments.stream || !text.output)) {
    throw Error("--resume: want --output and no --stream");
  }
  const bool has_several = text.translate.n_best || text.translate.alternatives;
  if (has_several && text.format == "text" &&
      (text.resume || arguments.input_format != "text")) {
    throw Error(
        "--n-best, --alternatives: want --format json beside --input-format "
        "or --resume, and no srt or po");
  }
  if (!arguments.stream) return;
  if (text.format == "json" || arguments.input_format != "text" ||
      text.alignments != ShownAlignments::kNone || !text.prefix.empty() ||
      has_several) {
    throw Error(
        "--stream: want text alone, found --format json, --input-format, "
        "--alignments, --prefix, --n-best or --alternatives");
  }
}

int StreamLines(const TextArguments& arguments, TextSource& source) {
  const Translator translator(FindModel(arguments.model), arguments.load);
  TellWarnings(translator);
  translator.Check(arguments.translate);
  CheckOutput(arguments.output, source);
  Output output(arguments.output);
  Progress progress({.shown = arguments.progress,
                     .input_bytes = source.size_bytes(),
                     .texts = "lines"});
  StreamedLines lines(translator, arguments.translate, source, output,
                      progress);
  const std::size_t failed = lines.Run();
  progress.Finish();
  output.Close();
  return ExitCode(failed, lines.texts());
}

int TranslateBlocks(const Arguments& arguments) {
  TextArguments text = arguments.text;
  if (!text.prefix.empty() && !text.translate.split) {
    text.translate.split = TextSplit::kNone;  // it opens a text
  }
  const auto parser = MakeBlockParser(arguments.input_format, text.translate);
  BlockSource source(arguments.input.file, *parser, text.translate);
  return RunTexts(text, source, "texts", {}, {.blocks = true});
}

int Translate(const Arguments& arguments) {
  Check(arguments);
  if (InBlocks(arguments)) return TranslateBlocks(arguments);
  const auto format = MakeLineFormat(arguments.input_format, arguments.column);
  if (arguments.input_format != "text") {
    FormattedSource source(arguments.input, *format, arguments.text.translate);
    return RunTexts(arguments.text, source, "lines", {},
                    {.format = format.get(), .keeps_space = true});
  }
  LineSource source(arguments.input);
  if (arguments.stream) return StreamLines(arguments.text, source);
  return RunTexts(arguments.text, source, "lines", {}, {.keeps_space = true});
}

}  // namespace

RunCommand AddTranslateCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command =
      *program.add_subcommand("translate", "Translate text, line by line");
  command.footer(kExamples);
  AddTextOptions(command, arguments->text);
  CLI::Option* const input =
      command
          .add_option(
              "--input", arguments->input.file,
              "UTF-8 text, line by line (default, or -: standard input)")
          ->type_name("FILE");
  AddTextOption(command, arguments->input.texts,
                "a line in place of those of --input; may be repeated "
                "(--text=TEXT where it begins with -)")
      ->excludes(input);
  command
      .add_option(
          "--input-format", arguments->input_format,
          "text: the line is the text; tsv: a field of the line is, "
          "which its translation replaces; jsonl: a string of an "
          "object is, which gets a \"translation\"; \"options\" in it "
          "hold for the line, as engine/README.md names them: "
          "{\"beam_size\": 2, \"target_lang\": \"fr\"}; srt: subtitles, "
          "whose numbers, times and tags stay; po: a catalogue of "
          "gettext, whose empty msgstr are filled and marked fuzzy, "
          "placeholders kept")
      ->check(CLI::IsMember({"text", "tsv", "jsonl", "srt", "po"}))
      ->capture_default_str();
  command
      .add_option("--column", arguments->column,
                  "where the text is: tsv: the field's number (1); jsonl: its "
                  "key (text)")
      ->type_name("NAME");
  command.add_flag("--resume", arguments->text.resume,
                   "go on with an --output that was interrupted, FILE.part, "
                   "behind its last whole line; the same input and options "
                   "are wanted");
  command.add_flag(
      "--stream", arguments->stream,
      "write each line while it comes: its words as soon as all "
      "beams agree on them; lines are translated one after another "
      "(text only)");
  AddOutputOptions(command, arguments->text);
  return [arguments] { return Translate(*arguments); };
}

}  // namespace tessera::tools
