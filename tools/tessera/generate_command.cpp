// Options of `tessera generate`.
#include <tessera/error.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/tessera/commands.h"
#include "tools/tessera/text_command.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  tessera generate --model bart-large-cnn article.txt
  tessera generate --model flan-t5-base --prefix "summarize: " --truncate \
    --output-dir summaries articles/*.txt
  tessera generate --model bart-large-cnn --records articles.jsonl \
    --key article --format json > summaries.jsonl
  tessera generate --model flan-t5-base --text "Why is the sky blue?"

What an output is like (beams, shortest and longest, repeats, first token) the
model's generation_config.json says, as for Hugging Face's generate(); options
here overrule it. "task_specific_params" of config.json are read by nobody, as
there: give a task's prefix with --prefix, its lengths as options.

Exit code: 0; 3 if some texts failed (their outputs are left empty, in JSON with
"error"; messages on standard error tell why, of the first ten); 2 if all did,
or if nothing was read or written.)";

struct Arguments {
  std::vector<std::filesystem::path> files;
  std::vector<std::string> texts;
  std::optional<std::filesystem::path> records;
  std::string key = "text";
  std::optional<std::filesystem::path> output_dir;
  TextArguments text;
};

int Generate(const Arguments& arguments) {
  if (!arguments.texts.empty()) {
    LineSource source({.texts = arguments.texts});
    return RunTexts(arguments.text, source, "texts");
  }
  if (arguments.records) {
    const bool is_input = *arguments.records == "-";
    RecordSource source(is_input ? std::nullopt : arguments.records,
                        arguments.key);
    return RunTexts(arguments.text, source, "records");
  }
  DocumentSource source(arguments.files.empty()
                            ? std::vector<std::filesystem::path>{"-"}
                            : arguments.files);
  if (!arguments.output_dir) return RunTexts(arguments.text, source, "texts");
  if (arguments.files.empty()) {
    throw Error("--output-dir: want files to read, found none");
  }
  return RunTexts(arguments.text, source, "texts", [&arguments] {
    return std::make_unique<FolderWriter>(*arguments.output_dir,
                                          arguments.files);
  });
}

}  // namespace

RunCommand AddGenerateCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command = *program.add_subcommand(
      "generate", "Make texts of whole texts: summaries, answers, corrections");
  command.footer(kExamples);
  CLI::Option* const files =
      command
          .add_option("files", arguments->files,
                      "UTF-8 files, a text each, line ends within it included; "
                      "- or none: standard input is one text")
          ->type_name("FILE");
  command
      .add_option("--records", arguments->records,
                  "lines of JSON in place of files, a text each: an object "
                  "with \"text\", and an \"id\" that JSON output repeats, or a "
                  "string; -: standard input")
      ->excludes(files)
      ->type_name("FILE");
  CLI::Option* const text =
      AddTextOption(command, arguments->texts,
                    "a text in place of files; may be repeated (--text=TEXT "
                    "where it begins with -)")
          ->excludes(files)
          ->excludes("--records");
  command
      .add_option("--key", arguments->key,
                  "what the text of a record is called")
      ->capture_default_str()
      ->type_name("NAME");
  AddTextOptions(command, arguments->text);
  CLI::Option* const output = AddOutputOptions(command, arguments->text);
  command
      .add_option("--output-dir", arguments->output_dir,
                  "write each output to a file of its input's name in this "
                  "folder, which is made")
      ->excludes(output)
      ->excludes("--records")
      ->excludes("--format")
      ->excludes(text)
      ->type_name("DIR");
  return [arguments] { return Generate(*arguments); };
}

}  // namespace tessera::tools
