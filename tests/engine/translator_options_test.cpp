// Options: defaults of the model, ranges, messages.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cmath>
#include <functional>

#include "engine/search/search_options.h"
#include "tests/engine/fake_model.h"

namespace tessera::engine {
namespace {

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
  EXPECT_EQ(ErrorOf(LoadOptions{.batch_size = 0}),
            "batch_size: want 1 to 4096, found 0");
}

}  // namespace
}  // namespace tessera::engine
