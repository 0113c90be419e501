// Options that several commands have.
#include "tools/tessera/common_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
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

void AddThreadsOption(CLI::App& command, LoadOptions& load) {
  command
      .add_option("--threads", load.threads,
                  "threads in all (default: as many as this process may use)")
      ->check(CLI::Range(std::size_t{1}, kMaxThreads))
      ->type_name("N");
}

void AddSplitOption(CLI::App& command, TranslateOptions& translate) {
  static const std::map<std::string, TextSplit> kSplits = {
      {"none", TextSplit::kNone}, {"sentences", TextSplit::kSentences}};
  command
      .add_option_function<std::string>(
          "--split",
          [&translate](const std::string& name) {
            translate.split = kSplits.at(name);
          },
          "sentences: translate each sentence of a line by itself and put them "
          "together again with the white space between them; none: let the "
          "model read the line whole (default: as generation_config.json "
          "says)")
      ->check(CLI::IsMember(kSplits));
  command.add_flag("--normalize", translate.normalize,
                   "have the model read punctuation as Moses normalises it, "
                   "for models that were trained so (for --source-lang, or "
                   "English)");
}

void AddSwitch(CLI::App& command, const std::string& name,
               std::optional<bool>& value, const std::string& text) {
  command
      .add_flag_function(
          "--" + name + ",!--no-" + name,
          [&value](std::int64_t count) { value = count > 0; }, text)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void AddKeepOptions(CLI::App& command, TranslateOptions& translate) {
  command
      .add_option("--keep", translate.keep,
                  "a regular expression (ICU's) of what every output has "
                  "unchanged, as often as the line has it; may be repeated")
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false)
      ->type_name("REGEX");
  AddSwitch(
      command, "keep-placeholders", translate.keep_placeholders,
      "the same for placeholders (%s, %(name)s, {name}, ${x}, $1), tags, URLs "
      "and addresses of mail (default: with --input-format po)");
}

void AddTimeLimitOption(CLI::App& command, TranslateOptions& translate) {
  command
      .add_option_function<double>(
          "--time-limit",
          [&translate](double seconds) {
            translate.time_limit = std::chrono::milliseconds(
                std::max(1LL, static_cast<long long>(seconds * 1000)));
          },
          "give a line up that takes longer, from when it is read; 0.001 to "
          "1e6 (default: wait for all)")
      ->check(CLI::Range(1e-3, 1e6))
      ->type_name("SECONDS");
}

void AddAlignmentOptions(CLI::App& command, TranslateOptions& translate,
                         ShownAlignments& shown) {
  static const std::map<std::string, ShownAlignments> kForms = {
      {"hard", ShownAlignments::kHard}, {"soft", ShownAlignments::kSoft}};
  command
      .add_option_function<std::string>(
          "--alignments",
          [&](const std::string& name) {
            shown = kForms.at(name);
            translate.alignments = true;
          },
          "which source tokens the output's look at, behind \" ||| \", or in "
          "JSON. hard: \"i-j\", source and output token from 0, the source "
          "token with the largest weight of cross-attention; soft: all "
          "weights, with commas, output tokens with spaces between")
      ->check(CLI::IsMember(kForms));
  const auto add = [&](const char* name, std::optional<std::size_t>& value,
                       const char* help) {
    command
        .add_option_function<std::size_t>(
            name, [&value](std::size_t number) { value = number - 1; }, help)
        ->check(CLI::PositiveNumber)
        ->type_name("N");
  };
  add("--alignment-layer", translate.alignment_layer,
      "of this decoder layer, the first is 1 (default: the mean of all)");
  add("--alignment-head", translate.alignment_head,
      "of this head, the first is 1 (default: the mean of all)");
}

CLI::Option* AddTextOption(CLI::App& command, std::vector<std::string>& texts,
                           const char* help) {
  return command
      .add_option_function<std::vector<std::string>>(
          "--text",
          [&texts](const std::vector<std::string>& given) { texts = given; },
          help)
      ->expected(1)
      ->allow_extra_args(false)  // or "[a,b]" is two texts
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("TEXT");
}

void AddLanguageOptions(CLI::App& command, TranslateOptions& translate) {
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

void AddShortlistOptions(CLI::App& command, LoadOptions& load) {
  CLI::Option* const file =
      command
          .add_option(
              "--shortlist", load.shortlist,
              "choose outputs from the likely tokens of their source: a "
              "file of \"TARGET SOURCE PROBABILITY\" lines in tokens "
              "of the model, as Marian reads them or "
              "tools/train/lexical_table.py learns them; faster, scores "
              "are among these tokens (default: the whole vocabulary)")
          ->type_name("FILE");
  command
      .add_option("--shortlist-first", load.shortlist_first,
                  "in every list: ids below N, and as many targets of NULL")
      ->needs(file)
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--shortlist-best", load.shortlist_best,
                  "targets of each source token")
      ->needs(file)
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
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
  AddLanguageOptions(command, translate);
  AddTokenOptions(command, translate);
}

}  // namespace tessera::tools
