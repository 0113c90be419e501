// Options of `tessera profile`.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/profiled_run.h"
#include "kernels/isa.h"
#include "tools/tessera/commands.h"
#include "tools/tessera/common_options.h"
#include "tools/tessera/line_reader.h"
#include "tools/tessera/message.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/output.h"
#include "tools/tessera/profile/peaks.h"
#include "tools/tessera/profile/table.h"
#include "tools/tessera/profile/trace.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  tessera profile --input letters.en
  tessera profile --input letters.en --beam-size 1 --trace trace.json

Translates the input once to warm up, a batch of it, then all of it as one
thread of `tessera translate` would, and prints what operations took:

share    of the run's time; both tables add up to it
of peak  how near the operation came to the least time for its work: its
         floating-point operations at the FMA peak of a core and those of 8-bit
         integers at theirs, or its bytes at the bandwidth of reads, whichever
         is more. Peaks are measured in the
         same process; weights are read from where all of them together lie,
         other data from the cache that it fits into.

The trace opens in https://ui.perfetto.dev: stacks, layers, blocks, operations.)";

struct Arguments {
  std::optional<std::filesystem::path> model;
  std::optional<std::filesystem::path> input;
  std::optional<std::filesystem::path> trace;
  LoadOptions load = {.threads = 1};
  TranslateOptions translate;
};

std::vector<std::string> ReadLines(LineReader& reader) {
  std::vector<std::string> lines;
  std::string line;
  for (;;) {
    switch (reader.Next(line, {})) {
      case LineReader::Status::kEnd:
        return lines;
      case LineReader::Status::kLine:
        lines.push_back(line);
        break;
      case LineReader::Status::kTooLong:
      case LineReader::Status::kIdle:
        break;
    }
  }
}

// What was run, and beside what its speed is set.
std::string Summary(const engine::ProfiledRun& run,
                    const Translator& translator, const Arguments& arguments,
                    const Peaks& peaks) {
  char text[320];
  std::snprintf(
      text, sizeof(text),
      "%zu sentences, %zu tokens in %.3f s: %.0f tokens/s; beam %zu, batch "
      "%zu, %s (keys and values %s), %s\npeaks of this core: %.1f GFLOP/s, "
      "%.1f Gop/s of int8, "
      "%.1f GB/s of weights (%.0f MB)\n\n",
      run.sentences, run.tokens, run.seconds(),
      static_cast<double>(run.tokens) / run.seconds(),
      arguments.translate.beam_size.value_or(translator.info().beam_size),
      arguments.load.batch_size, translator.info().compute_type.c_str(),
      translator.info().cache_type.c_str(),
      std::string(kernels::Name(kernels::ActiveIsa())).c_str(),
      1e-9 * peaks.flops(), 1e-9 * peaks.integer_ops(),
      1e-9 * peaks.weight_reads(),
      1e-6 * static_cast<double>(translator.info().memory_bytes));
  return text;
}

int Run(const Arguments& arguments) {
  LineReader input(arguments.input);
  const Translator translator(FindModel(arguments.model), arguments.load);
  TellWarnings(translator);
  translator.Check(arguments.translate);
  const std::vector<std::string> lines = ReadLines(input);
  Peaks peaks(translator.info().memory_bytes);
  const engine::ProfiledRun run =
      engine::RunProfiled(translator, lines, arguments.translate);
  Output output(std::nullopt);
  output.Write(Summary(run, translator, arguments, peaks) +
               ToTables(run, peaks));
  output.Close();
  if (arguments.trace) {
    Output trace(arguments.trace);
    trace.Write(ToTrace(run));
    trace.Close();
  }
  if (run.failed == 0 && run.profile.lost() == 0) return 0;
  PrintMessage(std::to_string(run.failed) + " of " +
               std::to_string(run.sentences) +
               " sentences failed, the first: " + run.error + "; " +
               std::to_string(run.profile.lost()) +
               " operations lost for lack of memory");
  return run.failed < run.sentences ? 3 : 2;
}

}  // namespace

RunCommand AddProfileCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command = *program.add_subcommand(
      "profile", "Show what the time of a translation goes into");
  command.footer(kExamples);
  AddModelOption(command, arguments->model);
  AddPrecisionOption(command, arguments->load.precision);
  AddIgnoreOption(command, arguments->load.ignore_unsupported);
  AddMemoryOption(command, arguments->load.memory_bytes);
  AddShortlistOptions(command, arguments->load);
  command
      .add_option("--input", arguments->input,
                  "UTF-8 text, a sentence a line (default: standard input)")
      ->type_name("FILE");
  command
      .add_option("--trace", arguments->trace,
                  "where to write every operation, in Chrome's trace format")
      ->type_name("FILE");
  command
      .add_option("--batch-size", arguments->load.batch_size,
                  "sentences that are decoded together")
      ->check(CLI::Range(std::size_t{1}, kMaxBatchSize))
      ->type_name("N")
      ->capture_default_str();
  AddSearchOptions(command, arguments->translate);
  return [arguments] { return Run(*arguments); };
}

}  // namespace tessera::tools
