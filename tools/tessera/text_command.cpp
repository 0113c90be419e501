// Options and work of the commands that take text and give text.
#include "tools/tessera/text_command.h"

#include <tessera/error.h>
#include <tessera/stream.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "tools/tessera/common_options.h"
#include "tools/tessera/formats/block_writer.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/progress.h"
#include "tools/tessera/text_run.h"

namespace tessera::tools {
namespace {

// --output as a writer with the file that it writes to.
class OutputWriter final : public TextWriter {
 public:
  OutputWriter(const TextArguments& arguments, const WrittenLines& lines)
      : output_(arguments.output, arguments.resume),
        line_(output_, lines),
        n_best_(output_, lines),
        json_(output_, lines),
        block_(output_) {
    writer_ = &line_;
    const TranslateOptions& translate = arguments.translate;
    if (translate.n_best || translate.alternatives) writer_ = &n_best_;
    if (arguments.format == "json") writer_ = &json_;
    if (lines.blocks) writer_ = &block_;
  }
  void Write(const SourceText& text, const Translation& translation) override {
    writer_->Write(text, translation);
  }
  void Close() override { output_.Close(); }
  bool IsTerminal() const override { return output_.IsTerminal(); }
  std::size_t written() const override { return output_.lines_kept(); }

 private:
  Output output_;
  LineWriter line_;
  NBestWriter n_best_;
  JsonWriter json_;
  BlockWriter block_;
  TextWriter* writer_;
};

}  // namespace

void AddTextOptions(CLI::App& command, TextArguments& arguments) {
  AddModelOption(command, arguments.model);
  AddThreadsOption(command, arguments.load);
  AddPrecisionOption(command, arguments.load.precision);
  AddIgnoreOption(command, arguments.load.ignore_unsupported);
  AddMemoryOption(command, arguments.load.memory_bytes);
  AddShortlistOptions(command, arguments.load);
  AddSearchOptions(command, arguments.translate);
  AddSplitOption(command, arguments.translate);
  AddKeepOptions(command, arguments.translate);
  AddTimeLimitOption(command, arguments.translate);
  AddAlignmentOptions(command, arguments.translate, arguments.alignments);
  command
      .add_option("--prefix", arguments.prefix,
                  "what the model reads in front of every text, its space at "
                  "the end included: a task of T5's, \"summarize: \"; a blank "
                  "text stays blank")
      ->type_name("TEXT");
  command.add_flag(
      "--truncate", arguments.translate.truncate,
      "cut a text that has more tokens than the model reads, as Hugging Face "
      "does, and say how many went (default: it fails)");
}

CLI::Option* AddOutputOptions(CLI::App& command, TextArguments& arguments) {
  command
      .add_option("--format", arguments.format,
                  "text: a line each; json: an object a line, with pieces, "
                  "ids, score and log_probs")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  CLI::Option* const output =
      command
          .add_option("--output", arguments.output,
                      "where to write (default, or -: standard output)")
          ->type_name("FILE");
  command.add_flag("--progress", arguments.progress,
                   "tell rate and time left on standard error (default: if "
                   "that is a terminal and the output is not)");
  return output;
}

void CheckOutput(const std::optional<std::filesystem::path>& output,
                 const TextSource& source) {
  const auto check = [&](const std::string& file, const std::string& name) {
    if (!source.Reads(file)) return;
    throw Error(name + ": want an output file, found the input");
  };
  if (!output || *output == "-") {
    return check("/proc/self/fd/1", "standard output");
  }
  for (const char* end : {"", ".part"}) {
    check(output->string() + end, output->string() + end);
  }
}

int ExitCode(std::size_t failed, std::size_t texts) {
  constexpr int kNothing = 2, kSome = 3;
  if (failed == 0) return 0;
  return failed == texts ? kNothing : kSome;
}

int RunTexts(const TextArguments& arguments, TextSource& source,
             const char* texts, const MakeWriter& make_writer,
             const WrittenLines& lines) {
  const Translator translator(FindModel(arguments.model), arguments.load);
  TellWarnings(translator);
  TranslateOptions options = arguments.translate;
  if (!arguments.prefix.empty()) {  // it opens a text, not each sentence
    if (options.split == TextSplit::kSentences) {
      throw Error("--prefix: want no --split sentences beside it");
    }
    options.split = TextSplit::kNone;
  }
  Stream stream(translator, options);  // checks the options
  if (!make_writer) CheckOutput(arguments.output, source);
  WrittenLines shown = lines;
  shown.alignments = arguments.alignments;
  const std::unique_ptr<TextWriter> writer =
      make_writer ? make_writer()
                  : std::make_unique<OutputWriter>(arguments, shown);
  Progress progress(
      {.shown = arguments.progress ||
                (isatty(STDERR_FILENO) == 1 && !writer->IsTerminal()),
       .input_bytes = source.size_bytes(),
       .texts = texts});
  TextRun run(stream, source, *writer, progress,
              {.prefix = arguments.prefix,
               .truncates = arguments.translate.truncate,
               .skipped = writer->written()});
  const std::size_t failed = run.Run();
  progress.Finish();
  writer->Close();
  return ExitCode(failed, run.texts() + writer->written());
}

}  // namespace tessera::tools
