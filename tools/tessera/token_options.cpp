// Each option with its text, and the forms that lists of tokens have.
#include "tools/tessera/token_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/tessera/common_options.h"

namespace tessera::tools {
namespace {

using Ids = std::vector<std::int32_t>;

template <class T>
T ToNumber(std::string_view text, const char* option, const char* form) {
  T number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end) return number;
  throw CLI::ValidationError(
      option,
      std::string("want ") + form + ", found \"" + std::string(text) + "\"");
}

Ids ToIds(std::string_view text, const char* option) {
  Ids ids;
  while (true) {
    const std::size_t comma = text.find(',');
    ids.push_back(ToNumber<std::int32_t>(text.substr(0, comma), option,
                                         "token ids between commas"));
    if (comma == std::string_view::npos) return ids;
    text.remove_prefix(comma + 1);
  }
}

// "ids:number".
std::pair<Ids, double> ToPair(std::string_view text, const char* option,
                              const char* form) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    throw CLI::ValidationError(
        option,
        std::string("want ") + form + ", found \"" + std::string(text) + "\"");
  }
  return {ToIds(text.substr(0, colon), option),
          ToNumber<double>(text.substr(colon + 1), option, form)};
}

// An option that is given once for each of its values.
CLI::Option* AddRepeated(CLI::App& command, const char* name,
                         std::function<void(const std::string&)> take,
                         const char* text) {
  return command
      .add_option_function<std::vector<std::string>>(
          name,
          [take = std::move(take)](const std::vector<std::string>& values) {
            for (const std::string& value : values) take(value);
          },
          text)
      ->expected(1)
      ->allow_extra_args(false)  // or "[a,b]" is two of them
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void AddIds(CLI::App& command, const char* name, std::optional<Ids>& ids,
            const char* text) {
  command
      .add_option_function<std::string>(
          name,
          [&ids, name](const std::string& list) { ids = ToIds(list, name); },
          text)
      ->type_name("ID,ID,...");
}

template <class T>
CLI::Option* Add(CLI::App& command, const char* name, std::optional<T>& option,
                 const char* type, const char* text) {
  return command.add_option(name, option, text)->type_name(type);
}

void AddLengths(CLI::App& command, TranslateOptions& to) {
  CLI::Option* const min_length =
      Add(command, "--min-length", to.min_length, "N",
          "no end before N tokens, the start token counted");
  Add(command, "--min-new-tokens", to.min_new_tokens, "N",
      "the same without the start token")
      ->excludes(min_length);
  constexpr const char* kForm = "START:FACTOR";
  command
      .add_option_function<std::string>(
          "--length-decay",
          [&to](const std::string& text) {
            const auto [start, factor] = ToPair(text, "--length-decay", kForm);
            if (start.size() != 1 || start[0] < 0) {
              throw CLI::ValidationError(
                  "--length-decay",
                  "want START:FACTOR, found \"" + text + "\"");
            }
            to.length_decay = {static_cast<std::size_t>(start[0]), factor};
          },
          "n tokens after START the score s of the end is s + |s| * (FACTOR^n "
          "- 1)")
      ->type_name(kForm);
}

void AddOutputs(CLI::App& command, TranslateOptions& to) {
  Add(command, "--n-best", to.n_best, "N",
      "outputs a line, the best N; as text: NUMBER ||| TEXT ||| SCORE, the "
      "lines counted from 0")
      ->check(CLI::Range(std::size_t{1}, kMaxBeamSize));
  Add(command, "--beam-groups", to.beam_groups, "N",
      "beams in N groups of the same size that keep away from each other's "
      "tokens");
  Add(command, "--diversity-penalty", to.diversity_penalty, "X",
      "what a token loses in a group for every beam of the groups before it "
      "that has taken it");
  command
      .add_option("--coverage-penalty", to.coverage_penalty,
                  "what an output of a beam search loses for source tokens "
                  "that it has not looked at, X times the logarithm of the "
                  "attention that each has got where that is below 1; 0 (off) "
                  "to 100")
      ->type_name("X")
      ->capture_default_str();
  Add(command, "--alternatives", to.alternatives, "N",
      "outputs that begin with the N best tokens, one each, behind a prefix; "
      "written as with --n-best");
  static const std::map<std::string, EarlyStopping> kRules = {
      {"false", EarlyStopping::kHeuristic},
      {"true", EarlyStopping::kFirst},
      {"never", EarlyStopping::kNever},
      {"top_beam", EarlyStopping::kTopBeam}};
  command
      .add_option_function<std::string>(
          "--early-stopping",
          [&to](const std::string& rule) {
            to.early_stopping = kRules.at(rule);
          },
          "end a beam search when no beam can win at its length (false), when "
          "there are as many outputs as beams (true), when none can win at any "
          "length (never), when the best beam ends (top_beam)")
      ->check(CLI::IsMember(kRules));
  AddSwitch(command, "renormalize-logits", to.renormalize_logits,
            "make log-probabilities of beam scores again after changes of "
            "tokens");
}

void AddRepetition(CLI::App& command, TranslateOptions& to) {
  Add(command, "--repetition-penalty", to.repetition_penalty, "X",
      "above 1: tokens that the output has are less likely; 0.01 to 100");
  Add(command, "--encoder-repetition-penalty", to.encoder_repetition_penalty,
      "X", "above 1: tokens that the source has are more likely; 0.01 to 100");
  Add(command, "--no-repeat-ngram-size", to.no_repeat_ngram_size, "N",
      "no run of N tokens twice; 0: off");
  Add(command, "--encoder-no-repeat-ngram-size",
      to.encoder_no_repeat_ngram_size, "N",
      "no run of N tokens of the source; 0: off");
}

void AddTokens(CLI::App& command, TranslateOptions& to) {
  AddRepeated(
      command, "--bad-words-ids",
      [&to](const std::string& text) {
        if (!to.bad_words) to.bad_words.emplace();
        to.bad_words->push_back(ToIds(text, "--bad-words-ids"));
      },
      "a sequence of tokens that no output has; may be repeated")
      ->type_name("ID,ID,...");
  AddRepeated(
      command, "--required-words-ids",
      [&to](const std::string& text) {
        to.required_words.push_back(ToIds(text, "--required-words-ids"));
      },
      "tokens that every output of a beam search has, one behind the other; "
      "may be repeated")
      ->type_name("ID,ID,...");
  constexpr const char* kForm = "ID,ID,...:BIAS";
  AddRepeated(
      command, "--sequence-bias",
      [&to](const std::string& text) {
        if (!to.sequence_bias) to.sequence_bias.emplace();
        auto [ids, bias] = ToPair(text, "--sequence-bias", kForm);
        to.sequence_bias->push_back({std::move(ids), bias});
      },
      "what to add to the score of a sequence's last token behind the others; "
      "may be repeated")
      ->type_name(kForm);
  AddIds(command, "--suppress-tokens", to.suppress_tokens,
         "tokens that no output has");
  AddIds(command, "--begin-suppress-tokens", to.begin_suppress_tokens,
         "tokens that no output begins with");
  Add(command, "--forced-first-token", to.forced_first_token, "ID",
      "the first token behind the start token");
  command
      .add_option_function<std::string>(
          "--target-prefix-ids",
          [&to](const std::string& list) {
            to.target_prefix = ToIds(list, "--target-prefix-ids");
          },
          "tokens that every output begins with")
      ->type_name("ID,ID,...");
  Add(command, "--forced-last-token", to.forced_last_token, "ID",
      "the token at the greatest length");
}

void AddWords(CLI::App& command, TranslateOptions& to) {
  command.add_flag("--replace-unknown", to.replace_unknown,
                   "put the word of the source that it looks at most for each "
                   "unknown token of an output");
  command
      .add_option("--target-prefix", to.target_prefix_text,
                  "what every output begins with; the line is not split")
      ->type_name("TEXT");
  AddRepeated(
      command, "--required-words",
      [&to](const std::string& text) { to.required_texts.push_back(text); },
      "whole words that every output of a beam search has, one behind the "
      "other; may be repeated; the line is not split")
      ->type_name("TEXT");
  AddRepeated(
      command, "--bad-words",
      [&to](const std::string& text) { to.bad_texts.push_back(text); },
      "whole words that no output has, one behind the other; may be repeated")
      ->type_name("TEXT");
}

void AddSampling(CLI::App& command, TranslateOptions& to) {
  AddSwitch(command, "sample", to.sample,
            "draw each token by its probability; of a beam search, its "
            "continuations");
  command
      .add_option("--seed", to.seed,
                  "a seed gives a line the same outputs in any batch and with "
                  "any number of threads")
      ->type_name("N")
      ->capture_default_str();
  Add(command, "--temperature", to.temperature, "X",
      "divides scores: below 1 likely tokens are likelier; 0.01 to 100");
  Add(command, "--top-k", to.top_k, "N",
      "draw from the N most likely tokens; 0: from all (default: 50)");
  Add(command, "--top-p", to.top_p, "P",
      "from the most likely that have the probability P together");
  Add(command, "--min-p", to.min_p, "P",
      "from those with at least P times the highest probability");
  Add(command, "--typical-p", to.typical_p, "P",
      "from those nearest to the entropy that have P together");
  Add(command, "--epsilon-cutoff", to.epsilon_cutoff, "P",
      "from those with at least the probability P");
  Add(command, "--eta-cutoff", to.eta_cutoff, "P",
      "the same with P or, if that is less, sqrt(P) * e^-entropy");
}

// Calls `add`, and puts the options it adds into a group of --help.
template <class AddOptions>
void InGroup(CLI::App& command, const char* group, AddOptions&& add) {
  std::vector<CLI::Option*> before = command.get_options();
  add();
  for (CLI::Option* const option : command.get_options()) {
    if (std::ranges::find(before, option) == before.end()) {
      option->group(group);
    }
  }
}

}  // namespace

void AddTokenOptions(CLI::App& command, TranslateOptions& translate) {
  InGroup(command, "Words", [&] { AddWords(command, translate); });
  InGroup(command, "Search", [&] {
    AddOutputs(command, translate);
    AddLengths(command, translate);
  });
  InGroup(command, "Tokens, as ids of the target vocabulary", [&] {
    AddRepetition(command, translate);
    AddTokens(command, translate);
  });
  InGroup(command, "Sampling", [&] { AddSampling(command, translate); });
}

}  // namespace tessera::tools
