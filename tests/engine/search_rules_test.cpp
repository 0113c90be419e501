// Which tokens the rules suppress and force.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <utility>
#include <vector>

#include "engine/search/token_rules.h"

namespace tessera::engine {
namespace {

using Tokens = std::vector<std::int32_t>;

models::GenerationConfig Config() {
  models::GenerationConfig config;
  config.eos_token_ids = {0};
  config.decoder_start_token_id = 9;
  return config;
}

// The edits for an output, with a max_length of 10.
Edits EditsAfter(const models::GenerationConfig& config, const Tokens& output,
                 const RequestRules& own = {}) {
  const ModelRules model(config);
  const TokenRules rules(model, own);
  History history(rules.prompt(), output.size());
  std::int32_t node = history.root();
  for (std::int32_t token : output) node = history.Append(node, token, -1);
  Edits edits;
  const SearchPosition position = {rules.prompt().size() + output.size(), 10};
  rules.Edit(5, position, history, node, edits);
  for (const auto& list : {edits.suppressed, edits.forced}) {
    for (const models::TokenOfRow& edit : list) EXPECT_EQ(edit.row, 5);
  }
  return edits;
}

Tokens Suppressed(const models::GenerationConfig& config, const Tokens& output,
                  const RequestRules& own = {}) {
  Tokens tokens;
  for (const auto& edit : EditsAfter(config, output, own).suppressed) {
    tokens.push_back(edit.token);
  }
  return tokens;
}

Tokens Forced(const models::GenerationConfig& config, const Tokens& output,
              const RequestRules& own = {}) {
  Tokens tokens;
  for (const auto& edit : EditsAfter(config, output, own).forced) {
    tokens.push_back(edit.token);
  }
  return tokens;
}

TEST(TokenRulesTest, SuppressesNothingWithoutOptions) {
  EXPECT_EQ(Suppressed(Config(), {1, 2}), Tokens{});
  EXPECT_EQ(Forced(Config(), {1, 2}), Tokens{});
}

TEST(TokenRulesTest, SuppressesEosBelowMinLengthCountingTheStartToken) {
  auto config = Config();
  config.min_length = 3;
  EXPECT_EQ(Suppressed(config, {1}), Tokens{0});
  EXPECT_EQ(Suppressed(config, {1, 2}), Tokens{});
}

TEST(TokenRulesTest, SuppressesEveryEosBelowMinLength) {
  auto config = Config();
  config.min_length = 3;
  config.eos_token_ids = {0, 4};
  EXPECT_EQ(Suppressed(config, {1}), (Tokens{0, 4}));
}

TEST(TokenRulesTest, SuppressesSingleBadWordsAndSuppressTokensEverywhere) {
  auto config = Config();
  config.bad_words_ids = {{7}, {1, 2}};
  config.suppress_tokens = {3};
  EXPECT_EQ(Suppressed(config, {}), (Tokens{3, 7}));
  EXPECT_EQ(Suppressed(config, {4, 5}), (Tokens{3, 7}));
}

TEST(TokenRulesTest, SuppressesTheLastTokenOfABadWordAfterItsBeginning) {
  auto config = Config();
  config.bad_words_ids = {{1, 2, 3}};
  EXPECT_EQ(Suppressed(config, {4, 1, 2}), Tokens{3});
  EXPECT_EQ(Suppressed(config, {1, 2}), Tokens{3});
  EXPECT_EQ(Suppressed(config, {2, 1}), Tokens{});
  EXPECT_EQ(Suppressed(config, {1, 2, 4}), Tokens{});
  EXPECT_EQ(Suppressed(config, {2}), Tokens{});
}

TEST(TokenRulesTest, ABadWordMayBeginWithTheStartToken) {
  auto config = Config();
  config.bad_words_ids = {{9, 1, 2}};
  EXPECT_EQ(Suppressed(config, {4, 9, 1}), Tokens{2});
  // Hugging Face wants an output as long as the bad word with its last token.
  EXPECT_EQ(Suppressed(config, {1}), Tokens{});
}

TEST(TokenRulesTest, SuppressesBeginTokensAtTheFirstChoice) {
  auto config = Config();
  config.begin_suppress_tokens = {5, 6};
  EXPECT_EQ(Suppressed(config, {}), (Tokens{5, 6}));
  EXPECT_EQ(Suppressed(config, {1}), Tokens{});
}

TEST(TokenRulesTest, SuppressesBeginTokensOnlyAfterAForcedBos) {
  auto config = Config();
  config.begin_suppress_tokens = {5};
  config.forced_bos_token_id = 8;
  EXPECT_EQ(Forced(config, {}), Tokens{8});
  EXPECT_EQ(Suppressed(config, {}), Tokens{});
  EXPECT_EQ(Suppressed(config, {8}), Tokens{5});
}

TEST(TokenRulesTest, ForcesEosAtTheLastPlaceOverEveryOtherRule) {
  auto config = Config();
  config.forced_eos_token_ids = {0};
  config.min_length = 100;
  EXPECT_EQ(Forced(config, Tokens(8, 1)), Tokens{0});
  EXPECT_EQ(Suppressed(config, Tokens(8, 1)), Tokens{});
  EXPECT_EQ(Forced(config, Tokens(7, 1)), Tokens{});
}

TEST(TokenRulesTest, ARequestsFirstTokenGoesBeforeTheModels) {
  auto config = Config();
  config.forced_bos_token_id = 4;
  config.begin_suppress_tokens = {7};
  EXPECT_EQ(Forced(config, {}), Tokens{4});
  EXPECT_EQ(Forced(config, {}, {.forced_first = 6}), Tokens{6});
  EXPECT_EQ(Forced(config, {}, {.prompt = {9, 3}, .forced_first = 6}),
            Tokens{6});
  EXPECT_EQ(Suppressed(config, {6}, {.prompt = {9, 3}, .forced_first = 6}),
            Tokens{7});
}

// Source: Transformers 4.57, logits_process.py (ForcedBOSTokenLogitsProcessor)
// and generation/utils.py (begin_index).
TEST(TokenRulesTest, ThePromptTakesThePlaceOfTheModelsFirstToken) {
  auto config = Config();
  config.forced_bos_token_id = 4;
  config.begin_suppress_tokens = {7};
  const RequestRules own = {.prompt = {9, 3}};
  EXPECT_EQ(Forced(config, {}, own), Tokens{});
  EXPECT_EQ(Suppressed(config, {}, own), Tokens{7});
  EXPECT_EQ(Suppressed(config, {1}, own), Tokens{});
}

TEST(TokenRulesTest, MinLengthCountsThePromptAndMinNewTokensDoesNot) {
  auto config = Config();
  config.min_length = 4;
  const RequestRules own = {.prompt = {9, 3, 5}};
  EXPECT_EQ(Suppressed(config, {}, own), Tokens{0});
  EXPECT_EQ(Suppressed(config, {1}, own), Tokens{});
  config.min_new_tokens = 3;
  EXPECT_EQ(Suppressed(config, {1, 2}, own), Tokens{0});
  EXPECT_EQ(Suppressed(config, {1, 2, 3}, own), Tokens{});
}

TEST(TokenRulesTest, ABadWordMayBeginInThePrompt) {
  auto config = Config();
  config.bad_words_ids = {{3, 5, 7}};
  EXPECT_EQ(Suppressed(config, {}, {.prompt = {9, 3, 5}}), Tokens{7});
  EXPECT_EQ(Suppressed(config, {5}, {.prompt = {9, 3}}), Tokens{7});
}

TEST(TokenRulesTest, SuppressesWhatWouldRepeatARunOfTheOutput) {
  auto config = Config();
  config.no_repeat_ngram_size = 3;
  EXPECT_EQ(Suppressed(config, {1, 2, 3, 1, 2}), Tokens{3});
  EXPECT_EQ(Suppressed(config, {1, 2, 3, 1, 2, 4, 1, 2}), (Tokens{4, 3}));
  EXPECT_EQ(Suppressed(config, {1, 1, 1}), Tokens{1});
  EXPECT_EQ(Suppressed(config, {1, 2, 3, 2, 1}), Tokens{});
  // The start token, 9, is part of it.
  EXPECT_EQ(Suppressed(config, {1, 2, 9, 1}), Tokens{2});
  EXPECT_EQ(Suppressed(config, {}), Tokens{});
  config.no_repeat_ngram_size = 1;
  EXPECT_EQ(Suppressed(config, {4, 5}), (Tokens{5, 4, 9}));
  config.no_repeat_ngram_size = 9;
  EXPECT_EQ(Suppressed(config, {1, 1, 1}), Tokens{});
}

TEST(TokenRulesTest, SuppressesWhatWouldRepeatARunOfTheSource) {
  auto config = Config();
  config.encoder_no_repeat_ngram_size = 2;
  const RequestRules own = {.source = {5, 6, 5, 7, 0}};
  EXPECT_EQ(Suppressed(config, {5}, own), (Tokens{6, 7}));
  EXPECT_EQ(Suppressed(config, {1, 7}, own), Tokens{0});
  EXPECT_EQ(Suppressed(config, {0}, own), Tokens{});
  EXPECT_EQ(Suppressed(config, {5}), Tokens{});
  config.encoder_no_repeat_ngram_size = 1;
  EXPECT_EQ(Suppressed(config, {}, own), (Tokens{5, 6, 5, 7, 0}));
  config.encoder_no_repeat_ngram_size = 4;
  EXPECT_EQ(Suppressed(config, {5, 6}, own), Tokens{});
  EXPECT_EQ(Suppressed(config, {5, 6, 5}, own), Tokens{7});
  config.encoder_no_repeat_ngram_size = 6;
  EXPECT_EQ(Suppressed(config, {5, 6, 5, 7, 0}, own), Tokens{});
}

TEST(TokenRulesTest, RefusesToForceATokenThatIsSuppressed) {
  auto config = Config();
  config.forced_bos_token_id = 3;
  config.suppress_tokens = {2, 3};
  EXPECT_THROW(ModelRules{config}, Error);
}

TEST(TokenRulesTest, RefusesToForceSeveralTokensAtTheEnd) {
  auto config = Config();
  config.forced_eos_token_ids = {0, 1};
  EXPECT_THROW(ModelRules{config}, Error);
}

}  // namespace
}  // namespace tessera::engine
