// One option after the other: its range, and where it goes.
#include "engine/search/merged_options.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "engine/search/option_checks.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

using models::GenerationConfig;
using models::Refuse;
using Ids = std::vector<std::int32_t>;

class Merger {
 public:
  Merger(const TranslateOptions& options, const models::ModelInfo& model)
      : options_(options), model_(model), merged_(model.generation) {}

  GenerationConfig Run() {
    SetSearch();
    SetLengths();
    SetScores();
    SetTokens();
    SetForced();
    CheckRequiredWords();
    CheckCoverage();
    return std::move(merged_);
  }

 private:
  void SetSearch() {
    Take(options_.beam_size, merged_.num_beams);
    CheckSize("beam_size", merged_.num_beams, 1, kMaxBeamSize);
    SetAlternatives();
    Take(options_.length_penalty, merged_.length_penalty);
    if (!(std::abs(merged_.length_penalty) <= kMaxLengthPenalty)) {
      Refuse("length_penalty", "a number from -10 to 10",
             merged_.length_penalty);
    }
    if (options_.early_stopping) {
      if (*options_.early_stopping > EarlyStopping::kTopBeam) {
        Refuse("early_stopping", "kHeuristic, kFirst, kNever or kTopBeam",
               static_cast<int>(*options_.early_stopping));
      }
      merged_.early_stopping =
          static_cast<models::EarlyStopping>(*options_.early_stopping);
    }
    Take(options_.renormalize_logits, merged_.renormalize_logits);
    SetSampling();
    SetGroups();
    SetOutputs();
  }

  // The model's groups hold for the model's number of beams.
  void SetGroups() {
    if (options_.beam_size || options_.alternatives) {
      merged_.num_beam_groups = 1;
      merged_.diversity_penalty = 0;
    }
    Take(options_.beam_groups, merged_.num_beam_groups);
    Take(options_.diversity_penalty, merged_.diversity_penalty);
    const std::size_t groups = merged_.num_beam_groups;
    CheckSize("beam_groups", groups, 1, kMaxBeamSize);
    if (merged_.num_beams % groups != 0) {
      Refuse("beam_groups, beam_size",
             models::Cat("a divisor of ", merged_.num_beams), groups);
    }
    if (!(merged_.diversity_penalty >= 0) ||
        merged_.diversity_penalty > kMaxBias) {
      Refuse("diversity_penalty", "a number from 0 to 10000",
             merged_.diversity_penalty);
    }
    if (options_.diversity_penalty && groups == 1) {
      Refuse("diversity_penalty, beam_groups", "two groups or more", groups);
    }
    if (groups > 1 && merged_.do_sample) {
      Refuse("beam_groups, sample", "one of them", "both");
    }
  }

  void CheckRequiredWords() const {
    if (options_.required_words.empty()) return;
    std::size_t tokens = 0;
    for (const Ids& word : options_.required_words) {
      CheckSequence("required_words", word, vocabulary());
      tokens += word.size();
      for (const std::int32_t id : word) {
        if (IsEnd(id)) {
          Refuse("required_words", "tokens that do not end an output", id);
        }
        if (std::ranges::count(merged_.suppress_tokens, id) > 0) {
          Refuse("required_words, suppress_tokens",
                 "words that are not suppressed", id);
        }
      }
    }
    CheckSize("required_words", options_.required_words.size(), 1,
              kMaxRequiredWords);
    CheckSize("required_words", tokens, 1, kMaxRequiredTokens);
    if (merged_.num_beams < 2) {
      Refuse("required_words, beam_size", "two beams or more",
             merged_.num_beams);
    }
    if (merged_.do_sample) {
      Refuse("required_words, sample", "one of them", "both");
    }
    if (merged_.num_beam_groups > 1) {
      Refuse("required_words, beam_groups", "one of them", "both");
    }
  }

  void CheckCoverage() const {
    const double penalty = options_.coverage_penalty;
    if (!(penalty >= 0) || penalty > kMaxCoveragePenalty) {
      Refuse("coverage_penalty", "a number from 0 to 100", penalty);
    }
    if (penalty == 0) return;
    if (merged_.num_beams < 2) {
      Refuse("coverage_penalty, beam_size", "two beams or more",
             merged_.num_beams);
    }
    if (merged_.early_stopping == models::EarlyStopping::kTopBeam) {
      Refuse("coverage_penalty, early_stopping",
             "a search that compares outputs", "kTopBeam");
    }
  }

  // A greedy search, whatever the model asks for.
  void SetAlternatives() {
    if (!options_.alternatives) return;
    CheckSize("alternatives", *options_.alternatives, 1, kMaxBeamSize);
    if (options_.beam_size.value_or(1) > 1) {
      Refuse("alternatives, beam_size", "one beam", *options_.beam_size);
    }
    if (options_.n_best) Refuse("alternatives, n_best", "one of them", "both");
    if (options_.sample.value_or(false)) {
      Refuse("alternatives, sample", "one of them", "both");
    }
    merged_.num_beams = 1;
    merged_.do_sample = false;
  }

  void SetSampling() {
    Take(options_.sample, merged_.do_sample);
    Draw("temperature", options_.temperature, merged_.temperature);
    Draw("top_k", options_.top_k, merged_.top_k);
    Draw("top_p", options_.top_p, merged_.top_p);
    Draw("min_p", options_.min_p, merged_.min_p);
    Draw("typical_p", options_.typical_p, merged_.typical_p);
    Draw("epsilon_cutoff", options_.epsilon_cutoff, merged_.epsilon_cutoff);
    Draw("eta_cutoff", options_.eta_cutoff, merged_.eta_cutoff);
    if (!merged_.do_sample) return;
    CheckFactor("temperature", merged_.temperature, kMaxTemperature);
    CheckShare("top_p", merged_.top_p, merged_.top_p > 0);
    CheckShare("min_p", merged_.min_p.value_or(0), true);
    CheckShare("typical_p", merged_.typical_p, merged_.typical_p > 0);
    CheckShare("epsilon_cutoff", merged_.epsilon_cutoff,
               merged_.epsilon_cutoff < 1);
    CheckShare("eta_cutoff", merged_.eta_cutoff, merged_.eta_cutoff < 1);
  }

  // The model's number of outputs holds for the model's number of beams.
  void SetOutputs() {
    const bool draws = merged_.do_sample && merged_.num_beams == 1;
    const std::size_t most = draws ? kMaxBeamSize : merged_.num_beams;
    if (merged_.num_return_sequences) {
      merged_.num_return_sequences =
          std::min(*merged_.num_return_sequences, most);
    }
    if (!options_.n_best) return;
    CheckSize("n_best", *options_.n_best, 1, kMaxBeamSize);
    if (*options_.n_best > most) {
      Refuse("n_best, beam_size",
             models::Cat("at most ", merged_.num_beams,
                         " outputs, as many as there are beams"),
             *options_.n_best);
    }
    merged_.num_return_sequences = options_.n_best;
  }

  void SetLengths() {
    const std::size_t most = model_.max_target_tokens + 1;
    if (options_.min_length && options_.min_new_tokens) {
      Refuse("min_length, min_new_tokens", "one of them", "both");
    }
    if (options_.min_length) {
      CheckSize("min_length", *options_.min_length, 0, most);
      CheckOrder("min_length, max_length", options_.min_length,
                 options_.max_length);
      merged_.min_length = *options_.min_length;
      merged_.min_new_tokens = std::nullopt;
    }
    if (options_.min_new_tokens) {
      CheckSize("min_new_tokens", *options_.min_new_tokens, 0, most);
      CheckOrder("min_new_tokens, max_new_tokens", options_.min_new_tokens,
                 options_.max_new_tokens);
      merged_.min_new_tokens = options_.min_new_tokens;
    }
    if (!options_.length_decay) return;
    const LengthDecay& decay = *options_.length_decay;
    CheckSize("length_decay", decay.start, 0, most);
    CheckFactor("length_decay", decay.factor, kMaxPenalty);
    merged_.length_decay = {decay.start, decay.factor};
  }

  void SetScores() {
    Take(options_.repetition_penalty, merged_.repetition_penalty);
    Take(options_.encoder_repetition_penalty,
         merged_.encoder_repetition_penalty);
    CheckFactor("repetition_penalty", merged_.repetition_penalty, kMaxPenalty);
    CheckFactor("encoder_repetition_penalty",
                merged_.encoder_repetition_penalty, kMaxPenalty);
    if (!options_.sequence_bias) return;
    merged_.sequence_bias.clear();
    for (const SequenceBias& bias : *options_.sequence_bias) {
      CheckSequence("sequence_bias", bias.tokens, vocabulary());
      if (!(std::abs(bias.bias) <= kMaxBias)) {
        Refuse("sequence_bias", "numbers from -10000 to 10000", bias.bias);
      }
      merged_.sequence_bias.push_back({bias.tokens, bias.bias});
    }
  }

  void SetTokens() {
    const std::size_t most = model_.max_target_tokens + 1;
    Take(options_.no_repeat_ngram_size, merged_.no_repeat_ngram_size);
    Take(options_.encoder_no_repeat_ngram_size,
         merged_.encoder_no_repeat_ngram_size);
    if (options_.no_repeat_ngram_size) {
      CheckSize("no_repeat_ngram_size", merged_.no_repeat_ngram_size, 0, most);
    }
    if (options_.encoder_no_repeat_ngram_size) {
      CheckSize("encoder_no_repeat_ngram_size",
                merged_.encoder_no_repeat_ngram_size, 0,
                model_.max_source_tokens);
    }
    Take(options_.suppress_tokens, merged_.suppress_tokens);
    Take(options_.begin_suppress_tokens, merged_.begin_suppress_tokens);
    CheckIds("suppress_tokens", merged_.suppress_tokens, vocabulary());
    CheckIds("begin_suppress_tokens", merged_.begin_suppress_tokens,
             vocabulary());
    if (!options_.bad_words) return;
    merged_.bad_words_ids.clear();
    for (const Ids& word : *options_.bad_words) {
      CheckSequence("bad_words", word, vocabulary());
      const bool is_end = word.size() == 1 && IsEnd(word[0]);
      if (!is_end) merged_.bad_words_ids.push_back(word);
    }
  }

  void SetForced() {
    if (options_.forced_first_token) {
      merged_.forced_bos_token_id = options_.forced_first_token;
      CheckIds("forced_first_token", {&*options_.forced_first_token, 1},
               vocabulary());
    }
    if (options_.forced_last_token) {
      merged_.forced_eos_token_ids = {*options_.forced_last_token};
      CheckIds("forced_last_token", {&*options_.forced_last_token, 1},
               vocabulary());
    }
    CheckIds("target_prefix", options_.target_prefix, vocabulary());
    for (const std::int32_t id : options_.target_prefix) {
      if (IsEnd(id)) {
        Refuse("target_prefix", "tokens that do not end an output", id);
      }
    }
    CheckAllowed("forced_first_token, suppress_tokens",
                 merged_.forced_bos_token_id);
    for (const std::int32_t last : merged_.forced_eos_token_ids) {
      CheckAllowed("forced_last_token, suppress_tokens", last);
    }
  }

  template <class T, class To>
  static void Take(const std::optional<T>& option, To& to) {
    if (option) to = *option;
  }
  // An option of sampling.
  template <class T, class To>
  void Draw(const char* option, const std::optional<T>& from, To& to) const {
    if (from && !merged_.do_sample) {
      Refuse(models::Cat(option, ", sample"), "a search that samples",
             "one that does not");
    }
    Take(from, to);
  }
  // Hugging Face suppresses after it forces, which leaves nothing to choose.
  void CheckAllowed(std::string_view options,
                    std::optional<std::int32_t> token) const {
    if (!token || std::ranges::count(merged_.suppress_tokens, *token) == 0) {
      return;
    }
    Refuse(options, "a forced token that is not suppressed", *token);
  }
  std::size_t vocabulary() const { return model_.target_vocabulary; }
  bool IsEnd(std::int32_t id) const {
    return std::ranges::count(merged_.eos_token_ids, id) > 0;
  }

  const TranslateOptions& options_;
  const models::ModelInfo& model_;
  GenerationConfig merged_;
};

bool ChangeRules(const TranslateOptions& o) {
  return o.min_length || o.min_new_tokens || o.repetition_penalty ||
         o.encoder_repetition_penalty || o.no_repeat_ngram_size ||
         o.encoder_no_repeat_ngram_size || o.bad_words || o.sequence_bias ||
         o.suppress_tokens || o.begin_suppress_tokens || o.forced_first_token ||
         o.forced_last_token || o.length_decay || o.renormalize_logits;
}

}  // namespace

GenerationConfig Merge(const TranslateOptions& options,
                       const models::ModelInfo& model) {
  return Merger(options, model).Run();
}

std::shared_ptr<const ModelRules> RulesOf(const TranslateOptions& options,
                                          const models::ModelInfo& model) {
  if (!ChangeRules(options)) return nullptr;
  return std::make_shared<const ModelRules>(Merge(options, model));
}

}  // namespace tessera::engine
