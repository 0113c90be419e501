// What `tessera translate` and `tessera generate` have in common: their options
// and their work.
#ifndef TESSERA_TOOLS_TESSERA_TEXT_COMMAND_H_
#define TESSERA_TOOLS_TESSERA_TEXT_COMMAND_H_

#include <tessera/options.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tools/tessera/common_options.h"
#include "tools/tessera/output.h"
#include "tools/tessera/text_source.h"
#include "tools/tessera/text_writer.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tessera::tools {

struct TextArguments {
  std::optional<std::filesystem::path> model;
  std::optional<std::filesystem::path> output;
  std::string format = "text";
  std::string prefix;
  bool progress = false;
  ShownAlignments alignments = ShownAlignments::kNone;
  bool resume = false;
  LoadOptions load;
  TranslateOptions translate;
};

// --model, --threads, --precision, those of the search, --split, --normalize,
// --keep, --keep-placeholders, --time-limit, --alignments, --prefix,
// --truncate.
void AddTextOptions(CLI::App& command, TextArguments& arguments);

// --format, --output, --progress; returns --output.
CLI::Option* AddOutputOptions(CLI::App& command, TextArguments& arguments);

// Loads the model and runs all texts of the source through it. `writer` makes
// what writes them, once nothing else can go wrong; without it they go to
// --output in --format, as `lines` say. Returns the exit code.
using MakeWriter = std::function<std::unique_ptr<TextWriter>()>;
int RunTexts(const TextArguments& arguments, TextSource& source,
             const char* texts, const MakeWriter& writer = {},
             const WrittenLines& lines = {});

// 0; 3 if some texts failed; 2 if all did.
int ExitCode(std::size_t failed, std::size_t texts);

// Throws Error if the output is, or is first written to, a file that the source
// reads: what was written would be read again, without end.
void CheckOutput(const std::optional<std::filesystem::path>& output,
                 const TextSource& source);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_TEXT_COMMAND_H_
