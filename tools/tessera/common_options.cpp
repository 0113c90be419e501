// Options that several commands have.
#include "tools/tessera/common_options.h"

#include <map>

namespace tessera::tools {
namespace {

const std::map<std::string, Precision> kPrecisions = {
    {"auto", Precision::kAuto},
    {"f32", Precision::kF32},
    {"int8", Precision::kInt8}};

}  // namespace

CLI::Option* AddModelOption(CLI::App& command,
                            std::optional<std::filesystem::path>& folder) {
  return command
      .add_option("--model", folder,
                  "Hugging Face folder (default: the English-French model "
                  "that comes with Tessera)")
      ->type_name("DIR");
}

void AddPrecisionOption(CLI::App& command, std::string& precision) {
  command
      .add_option("--precision", precision,
                  "type of weights and products; auto: what a packed folder "
                  "has, else the fastest on this CPU that keeps the quality of "
                  "f32")
      ->check(CLI::IsMember(kPrecisions))
      ->capture_default_str();
}

Precision PrecisionOf(const std::string& precision) {
  return kPrecisions.at(precision);
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
}

}  // namespace tessera::tools
