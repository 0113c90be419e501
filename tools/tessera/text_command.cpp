// Options and work of the commands that take text and give text.
#include "tools/tessera/text_command.h"

#include <tessera/error.h>
#include <tessera/stream.h>
#include <unistd.h>

#include "tools/tessera/common_options.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/progress.h"
#include "tools/tessera/text_run.h"

namespace tessera::tools {
namespace {

// --output as a writer with the file that it writes to.
class OutputWriter final : public TextWriter {
 public:
  explicit OutputWriter(const TextArguments& arguments)
      : output_(arguments.output),
        line_(output_),
        n_best_(output_),
        json_(output_) {
    writer_ = &line_;
    const TranslateOptions& translate = arguments.translate;
    if (translate.n_best || translate.alternatives) writer_ = &n_best_;
    if (arguments.format == "json") writer_ = &json_;
  }
  void Write(const SourceText& text, const Translation& translation) override {
    writer_->Write(text, translation);
  }
  void Close() override { output_.Close(); }
  bool IsTerminal() const override { return output_.IsTerminal(); }

 private:
  Output output_;
  LineWriter line_;
  NBestWriter n_best_;
  JsonWriter json_;
  TextWriter* writer_;
};

// What was written to a file that is read would be read again, without end.
void CheckOutput(const TextArguments& arguments, const TextSource& source) {
  const bool named = arguments.output && *arguments.output != "-";
  if (!source.Reads(named ? *arguments.output : "/proc/self/fd/1")) return;
  throw Error((named ? arguments.output->string() : "standard output") +
              ": want an output file, found the input");
}

}  // namespace

void AddTextOptions(CLI::App& command, TextArguments& arguments) {
  AddModelOption(command, arguments.model);
  command
      .add_option("--threads", arguments.load.threads,
                  "threads in all (default: as many as this process may "
                  "use)")
      ->check(CLI::Range(std::size_t{1}, kMaxThreads))
      ->type_name("N");
  AddPrecisionOption(command, arguments.load.precision);
  AddIgnoreOption(command, arguments.load.ignore_unsupported);
  AddMemoryOption(command, arguments.load.memory_bytes);
  AddSearchOptions(command, arguments.translate);
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

int RunTexts(const TextArguments& arguments, TextSource& source,
             const char* texts, const MakeWriter& make_writer) {
  const Translator translator(FindModel(arguments.model), arguments.load);
  TellWarnings(translator);
  Stream stream(translator, arguments.translate);  // checks the options
  if (!make_writer) CheckOutput(arguments, source);
  const std::unique_ptr<TextWriter> writer =
      make_writer ? make_writer() : std::make_unique<OutputWriter>(arguments);
  Progress progress(
      {.shown = arguments.progress ||
                (isatty(STDERR_FILENO) == 1 && !writer->IsTerminal()),
       .input_bytes = source.size_bytes(),
       .texts = texts});
  TextRun run(
      stream, source, *writer, progress,
      {.prefix = arguments.prefix, .truncates = arguments.translate.truncate});
  const std::size_t failed = run.Run();
  progress.Finish();
  writer->Close();
  if (failed == 0) return 0;
  return failed == run.texts() ? 2 : 3;
}

}  // namespace tessera::tools
