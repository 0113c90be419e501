// Options that several commands have.
#include "tools/tessera/common_options.h"

#include <map>
#include <string>

#include "tools/tessera/message.h"
#include "tools/tessera/token_options.h"

namespace tessera::tools {

CLI::Option* AddModelOption(CLI::App& command,
                            std::optional<std::filesystem::path>& folder) {
  return command
      .add_option("--model", folder,
                  "Hugging Face folder (default: the English-French model "
                  "that comes with Tessera)")
      ->type_name("DIR");
}

void AddPrecisionOption(CLI::App& command, Precision& precision) {
  static const std::map<std::string, Precision> kPrecisions = {
      {"auto", Precision::kAuto},
      {"f32", Precision::kF32},
      {"bf16", Precision::kBf16},
      {"int8", Precision::kInt8}};
  command
      .add_option_function<std::string>(
          "--precision",
          [&precision](const std::string& name) {
            precision = kPrecisions.at(name);
          },
          "type of weights and products; auto: that of a packed folder, else "
          "the fastest on this CPU that keeps the quality of f32")
      ->check(CLI::IsMember(kPrecisions))
      ->default_str("auto");
}

void AddIgnoreOption(CLI::App& command, bool& ignore_unsupported) {
  command.add_flag("--ignore-unsupported", ignore_unsupported,
                   "go on without generation options of the folder that are "
                   "not supported yet, each told on standard error");
}

void TellWarnings(const Translator& translator) {
  for (const std::string& warning : translator.info().warnings) {
    PrintMessage("warning: " + warning);
  }
}

void AddMemoryOption(CLI::App& command, std::size_t& bytes) {
  command
      .add_option("--memory", bytes,
                  "what weights and work space may take, as 800M or 4G "
                  "(default: what the machine has left, at most 1 GiB, 4 "
                  "times the weights and 8 MiB a sentence of the batches)")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->type_name("SIZE");
}

void AddSearchOptions(CLI::App& command, TranslateOptions& translate) {
  command
      .add_option("--beam-size", translate.beam_size,
                  "1: greedy search; 2 to " + std::to_string(kMaxBeamSize) +
                      ": beam search (default: as generation_config.json "
                      "says)")
      ->check(CLI::Range(std::size_t{1}, kMaxBeamSize))
      ->type_name("N");
  command
      .add_option("--length-penalty", translate.length_penalty,
                  "beam scores are divided by length^X, or in the form "
                  "that the model wants (default: as "
                  "generation_config.json says)")
      ->type_name("X");
  CLI::Option* const max_length =
      command
          .add_option("--max-length", translate.max_length,
                      "longest output in tokens, its start token counted "
                      "(default: as generation_config.json says)")
          ->check(CLI::PositiveNumber)
          ->type_name("N");
  command
      .add_option("--max-new-tokens", translate.max_new_tokens,
                  "the same without the start token")
      ->check(CLI::PositiveNumber)
      ->excludes(max_length)
      ->type_name("N");
  command
      .add_option("--source-lang", translate.source_language,
                  "of models with many languages: what the text is in "
                  "(default: as tokenizer_config.json says)")
      ->type_name("CODE");
  command
      .add_option(
          "--target-lang", translate.target_language,
          "what to translate it into; `tessera inspect` lists the codes")
      ->type_name("CODE");
  AddTokenOptions(command, translate);
}

}  // namespace tessera::tools
