// Options: defaults of the model, ranges, messages.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cmath>
#include <functional>

#include "engine/search/search_options.h"
#include "tests/engine/fake_model.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;
using Words = std::vector<Ids>;
using Biases = std::vector<SequenceBias>;

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string ErrorOf(const TranslateOptions& options) {
  return ErrorOf([&] { Resolve(options, FakeInfo(20)); });
}

std::string ErrorOf(const LoadOptions& options) {
  return ErrorOf([&] { Check(options); });
}

TEST(OptionsTest, DefaultsAreThoseOfTheModel) {
  models::ModelInfo model = FakeInfo(20);
  model.generation.num_beams = 3;
  model.generation.length_penalty = 0.6;
  model.generation.length_penalty_form = models::LengthPenaltyForm::kGnmt;
  model.generation.max_length = 30;
  model.generation.early_stopping = models::EarlyStopping::kNever;
  const SearchOptions options = Resolve({}, model);
  EXPECT_EQ(options.beam_size, 3u);
  EXPECT_EQ(options.length_penalty, 0.6);
  EXPECT_EQ(options.length_penalty_form, models::LengthPenaltyForm::kGnmt);
  EXPECT_EQ(options.max_length, 30u);
  EXPECT_EQ(options.early_stopping, models::EarlyStopping::kNever);
}

TEST(OptionsTest, TheCallerOverridesTheModel) {
  const SearchOptions options = Resolve(
      {.beam_size = 7, .length_penalty = -1.0, .max_length = 9}, FakeInfo(20));
  EXPECT_EQ(options.beam_size, 7u);
  EXPECT_EQ(options.length_penalty, -1.0);
  EXPECT_EQ(options.max_length, 9u);
}

// Also where it does not sample by itself.
TEST(OptionsTest, SamplingIsAsTheModelSaysOrTheCaller) {
  models::ModelInfo model = FakeInfo(20);
  model.generation.temperature = 0.5;
  model.generation.top_k = 7;
  model.generation.top_p = 0.9;
  model.generation.min_p = 0.1;
  model.generation.typical_p = 0.8;
  model.generation.epsilon_cutoff = 0.01;
  model.generation.eta_cutoff = 0.02;
  EXPECT_EQ(Resolve({}, model).sampling, std::nullopt);
  for (const bool does : {false, true}) {
    model.generation.do_sample = does;
    const WarperOptions found =
        Resolve({.sample = true}, model).sampling.value().warpers;
    EXPECT_EQ(found.temperature, 0.5);
    EXPECT_EQ(found.top_k, 7u);
    EXPECT_EQ(found.top_p, 0.9);
    EXPECT_EQ(found.min_p, 0.1);
    EXPECT_EQ(found.typical_p, 0.8);
    EXPECT_EQ(found.epsilon_cutoff, 0.01);
    EXPECT_EQ(found.eta_cutoff, 0.02);
    const WarperOptions mine =
        Resolve({.sample = true, .temperature = 2.0, .top_k = 3}, model)
            .sampling.value()
            .warpers;
    EXPECT_EQ(mine.temperature, 2);
    EXPECT_EQ(mine.top_k, 3u);
    EXPECT_EQ(mine.top_p, 0.9);
  }
}

TEST(OptionsTest, SamplingFailsWithWhatTheModelSaysWrongly) {
  models::ModelInfo model = FakeInfo(20);
  const auto error = [&](bool sample) {
    return ErrorOf([&] { Resolve({.sample = sample}, model); });
  };
  model.generation.temperature = 0;
  EXPECT_EQ(error(false), "no error");
  EXPECT_EQ(error(true),
            "temperature: want a number from 0.01 to 100, found 0");
}

TEST(OptionsTest, MaxNewTokensLeavesTheStartTokenOut) {
  const SearchOptions options = Resolve({.max_new_tokens = 9}, FakeInfo(20));
  EXPECT_EQ(options.max_length, 10u);
  EXPECT_EQ(options.max_new_tokens, 9u);
}

TEST(OptionsTest, AMaxLengthOfTheCallerGoesBeforeMaxNewTokensOfTheModel) {
  models::ModelInfo model = FakeInfo(20);
  model.generation.max_new_tokens = 29;
  model.generation.max_length = 30;
  EXPECT_EQ(Resolve({}, model).max_new_tokens, 29u);
  EXPECT_EQ(Resolve({.max_length = 9}, model).max_new_tokens, std::nullopt);
}

TEST(OptionsTest, LimitsThemselvesAreAllowed) {
  EXPECT_EQ(ErrorOf({.beam_size = 1, .length_penalty = 10.0, .max_length = 2}),
            "no error");
  EXPECT_EQ(
      ErrorOf({.beam_size = 64, .length_penalty = -10.0, .max_length = 64}),
      "no error");
}

TEST(OptionsTest, ErrorsNameOptionWantedAndFound) {
  EXPECT_EQ(ErrorOf(TranslateOptions{.beam_size = 0}),
            "beam_size: want 1 to 64, found 0");
  EXPECT_EQ(ErrorOf(TranslateOptions{.beam_size = 65}),
            "beam_size: want 1 to 64, found 65");
  EXPECT_EQ(ErrorOf(TranslateOptions{.max_length = 1}),
            "max_length: want 2 to 64, found 1");
  EXPECT_EQ(ErrorOf(TranslateOptions{.max_length = 65}),
            "max_length: want 2 to 64, found 65");
  EXPECT_EQ(ErrorOf(TranslateOptions{.max_new_tokens = 0}),
            "max_new_tokens: want 1 to 63, found 0");
  EXPECT_EQ(ErrorOf(TranslateOptions{.max_new_tokens = 64}),
            "max_new_tokens: want 1 to 63, found 64");
  EXPECT_EQ(ErrorOf(TranslateOptions{.max_length = 9, .max_new_tokens = 8}),
            "max_length, max_new_tokens: want one of them, found both");
  EXPECT_EQ(ErrorOf(TranslateOptions{.length_penalty = INFINITY}),
            "length_penalty: want a number from -10 to 10, found inf");
  EXPECT_EQ(ErrorOf(TranslateOptions{.length_penalty = NAN}),
            "length_penalty: want a number from -10 to 10, found nan");
  EXPECT_EQ(ErrorOf(LoadOptions{.threads = 1025}),
            "threads: want 0 to 1024, found 1025");
  EXPECT_EQ(ErrorOf(LoadOptions{.precision = static_cast<Precision>(9)}),
            "precision: want kAuto, kF32, kBf16 or kInt8, found 9");
  EXPECT_EQ(ErrorOf(LoadOptions{.shortlist_best = 0}),
            "shortlist_best: want a number above 0, found 0");
  EXPECT_EQ(ErrorOf(LoadOptions{.batch_size = 0}),
            "batch_size: want 1 to 4096, found 0");
}

TEST(OptionsTest, OptionsThatContradictAreRefusedWithBothNames) {
  const std::pair<TranslateOptions, std::string> contradictions[] = {
      {{.max_length = 5, .min_length = 6}, "min_length, max_length"},
      {{.max_new_tokens = 5, .min_new_tokens = 6},
       "min_new_tokens, max_new_tokens"},
      {{.min_length = 1, .min_new_tokens = 1}, "min_length, min_new_tokens"},
      {{.beam_size = 2, .n_best = 3}, "n_best, beam_size"},
      {{.suppress_tokens = Ids{3}, .forced_first_token = 3},
       "forced_first_token, suppress_tokens"},
      {{.suppress_tokens = Ids{3}, .forced_last_token = 3},
       "forced_last_token, suppress_tokens"},
      {{.temperature = 0.5}, "temperature, sample"},
      {{.sample = false, .top_p = 0.5}, "top_p, sample"},
      {{.beam_size = 4, .alternatives = 3}, "alternatives, beam_size"},
      {{.sample = true, .alternatives = 3}, "alternatives, sample"},
      {{.beam_size = 4, .beam_groups = 3}, "beam_groups, beam_size"},
      {{.diversity_penalty = 1.0}, "diversity_penalty, beam_groups"},
      {{.beam_size = 4, .sample = true, .beam_groups = 2},
       "beam_groups, sample"},
      {{.beam_size = 1, .required_words = Words{Ids{3}}},
       "required_words, beam_size"},
      {{.beam_size = 1, .coverage_penalty = 0.2},
       "coverage_penalty, beam_size"},
      {{.early_stopping = EarlyStopping::kTopBeam, .coverage_penalty = 0.2},
       "coverage_penalty, early_stopping"},
      {{.suppress_tokens = Ids{3}, .required_words = Words{Ids{1, 3}}},
       "required_words, suppress_tokens"}};
  for (const auto& [options, names] : contradictions) {
    EXPECT_EQ(ErrorOf(options).substr(0, names.size() + 7), names + ": want ");
  }
}

TEST(OptionsTest, ValuesOutOfRangeAreRefused) {
  const std::pair<TranslateOptions, std::string> wrong[] = {
      {{.n_best = 0}, "n_best"},
      {{.min_length = 65}, "min_length"},
      {{.repetition_penalty = 0.0}, "repetition_penalty"},
      {{.repetition_penalty = std::nan("")}, "repetition_penalty"},
      {{.encoder_repetition_penalty = 101.0}, "encoder_repetition_penalty"},
      {{.no_repeat_ngram_size = 65}, "no_repeat_ngram_size"},
      {{.bad_words = Words{Ids{}}}, "bad_words"},
      {{.bad_words = Words{Ids{20}}}, "bad_words"},
      {{.sequence_bias = Biases{{Ids{3}, 1e9}}}, "sequence_bias"},
      {{.suppress_tokens = Ids{-1}}, "suppress_tokens"},
      {{.begin_suppress_tokens = Ids{20}}, "begin_suppress_tokens"},
      {{.forced_first_token = 20}, "forced_first_token"},
      {{.length_decay = LengthDecay{3, 0}}, "length_decay"},
      {{.sample = true, .temperature = 0.0}, "temperature"},
      {{.sample = true, .top_p = 0.0}, "top_p"},
      {{.sample = true, .min_p = 1.5}, "min_p"},
      {{.sample = true, .eta_cutoff = 1.0}, "eta_cutoff"},
      {{.target_prefix = {0}}, "target_prefix"},
      {{.alternatives = 65}, "alternatives"},
      {{.coverage_penalty = -0.1}, "coverage_penalty"},
      {{.coverage_penalty = std::nan("")}, "coverage_penalty"},
      {{.coverage_penalty = 101}, "coverage_penalty"}};
  for (const auto& [options, name] : wrong) {
    EXPECT_EQ(ErrorOf(options).substr(0, name.size() + 7), name + ": want ");
  }
}

}  // namespace
}  // namespace tessera::engine
