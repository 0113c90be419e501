// Options of `tessera attention`.
#include <sys/ioctl.h>
#include <tessera/attention_report.h>
#include <tessera/error.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tools/tessera/attention/choice.h"
#include "tools/tessera/attention/html.h"
#include "tools/tessera/attention/json.h"
#include "tools/tessera/attention/text.h"
#include "tools/tessera/commands.h"
#include "tools/tessera/common_options.h"
#include "tools/tessera/json_output.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/output.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  tessera attention --text "Where is the station?"
  tessera attention --text "I am tired." --format html --output tired.html
  tessera attention --text "I am tired." --attention encoder --layer 2 --head 4
  tessera attention --text "I am tired." --format json --attention cross

A translation is made of three attentions: the encoder's, where each piece of
the source looks at all of them; the decoder's, where each piece of the output
looks at those before it; and the cross-attention, where each piece of the
output looks at the source. Each has layers, and each layer heads.

text: one table: a row for each piece that looks, with its weights in %. The
cross-attention, its last layer and the mean of its heads unless options choose.
html: one file for a browser, which needs no network: all maps, by mouse and
keyboard; it opens at the choice.
json: one object; "weights" is [layers][heads][queries][keys], and null where a
query may not look. All, or the choice.)";

struct Arguments {
  std::optional<std::filesystem::path> model;
  std::optional<std::filesystem::path> output;
  std::string text;
  std::string format = "text";
  bool large = false;
  std::size_t memory_bytes = 0;
  AttentionChoice choice;
  TranslateOptions translate;
  bool ignore_unsupported = false;
};

// The folder's own name, also of "." and "model/".
std::string Name(const std::filesystem::path& folder) {
  std::error_code failed;
  const auto path = std::filesystem::canonical(folder, failed);
  return (failed ? folder : path).filename().string();
}

std::size_t TerminalColumns() {
  constexpr std::size_t kUsual = 80;
  winsize size = {};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 0 ? size.ws_col : kUsual;
}

std::string Show(const ShownTranslation& shown, const Arguments& arguments) {
  if (arguments.format == "html") return ToHtml(shown, arguments.choice);
  if (arguments.format == "json") {
    return EscapeLineEnds(ToJson(shown, arguments.choice)) + "\n";
  }
  return ToText(shown, arguments.choice,
                arguments.output ? 80 : TerminalColumns());
}

// What is chosen: text and html show one attention at a time.
AttentionChoice Chosen(const Arguments& arguments) {
  AttentionChoice choice = arguments.choice;
  if (arguments.format != "json" && !choice.attention) {
    choice.attention = "cross";
  }
  return choice;
}

// A text of 60 words may have 500 tokens, and a page of them 8 MB, which few
// browsers like.
void CheckSize(const AttentionReport& report, const Arguments& arguments) {
  constexpr double kMostMegabytes = 5;
  if (arguments.large || arguments.format == "text") return;
  const bool page = arguments.format == "html";
  const double weight = page ? 2.7e-6 : 9e-6;  // megabytes each
  const double megabytes =
      weight * static_cast<double>(CountWeights(
                   report, page ? AttentionChoice{} : arguments.choice));
  if (megabytes <= kMostMegabytes) return;
  char found[32];
  std::snprintf(found, sizeof found, "%.0f MB", megabytes);
  throw Error("text: want one whose weights take at most 5 MB, found " +
              std::string(found) +
              (page ? "" : "; --attention, --layer and --head choose fewer") +
              "; --large writes them");
}

int Run(const Arguments& arguments) {
  const auto folder = FindModel(arguments.model);
  // Weights as the model has them, not as rounding moves them.
  const Translator translator(
      folder, {.precision = Precision::kF32,
               .ignore_unsupported = arguments.ignore_unsupported,
               .memory_bytes = arguments.memory_bytes});
  TellWarnings(translator);
  const ShownTranslation shown = {
      .model = Name(folder),
      .text = arguments.text,
      .report = Explain(translator, arguments.text, arguments.translate)};
  Check(Chosen(arguments), shown.report);
  CheckSize(shown.report, arguments);
  const std::string bytes = Show(shown, arguments);
  Output output(arguments.output);
  output.Write(bytes);
  output.Close();
  return 0;
}

void AddChoiceOptions(CLI::App& command, AttentionChoice& choice) {
  command
      .add_option("--attention", choice.attention,
                  "which of the three attentions (default: cross; of json: "
                  "all)")
      ->check(CLI::IsMember({"encoder", "decoder", "cross"}));
  command
      .add_option("--layer", choice.layer,
                  "layer, from 1 (default: the last; of json: all)")
      ->type_name("N");
  command
      .add_option("--head", choice.head,
                  "head, from 1 (default: the mean of all; of json: all)")
      ->type_name("N");
}

}  // namespace

RunCommand AddAttentionCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command = *program.add_subcommand(
      "attention", "Show who looks at whom in the translation of a text");
  command.footer(kExamples);
  command.add_option("--text", arguments->text, "UTF-8 text, a sentence")
      ->required()
      ->type_name("TEXT");
  AddModelOption(command, arguments->model);
  AddIgnoreOption(command, arguments->ignore_unsupported);
  AddChoiceOptions(command, arguments->choice);
  AddSearchOptions(command, arguments->translate);
  command
      .add_option("--format", arguments->format,
                  "text: a table; json: an object; html: a page to look at")
      ->check(CLI::IsMember({"text", "json", "html"}))
      ->capture_default_str();
  command
      .add_option("--output", arguments->output,
                  "where to write (default, or -: standard output)")
      ->type_name("FILE");
  command.add_flag("--large", arguments->large,
                   "write json and html of more than 5 MB, too");
  AddMemoryOption(command, arguments->memory_bytes);
  return [arguments] { return Run(*arguments); };
}

}  // namespace tessera::tools
