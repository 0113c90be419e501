// GenerationConfig: every option, how lengths resolve, what falls back to what.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "models/config/bart_config.h"
#include "tests/models/config/generation_config_case.h"

namespace tessera::models {
namespace {

TEST_F(GenerationConfigTest, HasTheDefaultsOfTransformers) {
  const GenerationConfig config = Read(kIds);
  EXPECT_EQ(config.num_beams, 1u);
  EXPECT_EQ(config.max_length, 21u);
  EXPECT_EQ(config.min_length, 0u);
  EXPECT_FALSE(config.max_new_tokens);
  EXPECT_FALSE(config.min_new_tokens);
  EXPECT_EQ(config.length_penalty, 1.0);
  EXPECT_EQ(config.length_penalty_form, LengthPenaltyForm::kPower);
  EXPECT_EQ(config.early_stopping, EarlyStopping::kHeuristic);
  EXPECT_FALSE(config.renormalize_logits);
  EXPECT_EQ(config.eos_token_ids, Ids{0});
  EXPECT_EQ(config.pad_token_id, 99);
  EXPECT_EQ(config.decoder_start_token_id, 99);
  EXPECT_FALSE(config.bos_token_id);
  EXPECT_FALSE(config.forced_bos_token_id);
  EXPECT_TRUE(config.forced_eos_token_ids.empty());
  EXPECT_TRUE(config.bad_words_ids.empty());
  EXPECT_TRUE(config.suppress_tokens.empty());
  EXPECT_TRUE(config.begin_suppress_tokens.empty());
  EXPECT_EQ(config.split, TextSplit::kNone);
}

TEST_F(GenerationConfigTest, ReadsIntoWhatTextsAreSplit) {
  EXPECT_EQ(With(R"("split": "sentences")").split, TextSplit::kSentences);
  EXPECT_EQ(With(R"("split": "none")").split, TextSplit::kNone);
  EXPECT_EQ(With(R"("split": null)").split, TextSplit::kNone);
  ExpectRefused(R"("split": "words")", {"\"none\" or \"sentences\""});
  ExpectRefused(R"("split": true)", {"\"none\" or \"sentences\""});
}

TEST_F(GenerationConfigTest, ReadsEveryKey) {
  const GenerationConfig config =
      Read(R"("num_beams": 6, "max_length": 50, "min_length": 3,
              "length_penalty": 0.6, "early_stopping": true,
              "renormalize_logits": true, "eos_token_id": [1, 2],
              "pad_token_id": 3, "decoder_start_token_id": 4,
              "bos_token_id": 5, "forced_bos_token_id": 6,
              "forced_eos_token_id": 2, "bad_words_ids": [[7], [8, 9]],
              "suppress_tokens": [10, 11], "begin_suppress_tokens": [12])");
  EXPECT_EQ(config.num_beams, 6u);
  EXPECT_EQ(config.max_length, 50u);
  EXPECT_EQ(config.min_length, 3u);
  EXPECT_EQ(config.length_penalty, 0.6);
  EXPECT_EQ(config.early_stopping, EarlyStopping::kFirst);
  EXPECT_TRUE(config.renormalize_logits);
  EXPECT_EQ(config.eos_token_ids, (Ids{1, 2}));
  EXPECT_EQ(config.pad_token_id, 3);
  EXPECT_EQ(config.decoder_start_token_id, 4);
  EXPECT_EQ(config.bos_token_id, 5);
  EXPECT_EQ(config.forced_bos_token_id, 6);
  EXPECT_EQ(config.forced_eos_token_ids, Ids{2});
  EXPECT_EQ(config.bad_words_ids, (std::vector<Ids>{{7}, {8, 9}}));
  EXPECT_EQ(config.suppress_tokens, (Ids{10, 11}));
  EXPECT_EQ(config.begin_suppress_tokens, Ids{12});
}

TEST_F(GenerationConfigTest, ReadsWhatChangesScores) {
  const GenerationConfig config = With(
      R"("repetition_penalty": 1.2, "encoder_repetition_penalty": 0.5,
         "sequence_bias": [[[1, 2], 0.5], [[3], -4]],
         "exponential_decay_length_penalty": [5, 1.1])");
  EXPECT_EQ(config.repetition_penalty, 1.2);
  EXPECT_EQ(config.encoder_repetition_penalty, 0.5);
  ASSERT_EQ(config.sequence_bias.size(), 2u);
  EXPECT_EQ(config.sequence_bias[0].tokens, (Ids{1, 2}));
  EXPECT_EQ(config.sequence_bias[0].bias, 0.5);
  EXPECT_EQ(config.sequence_bias[1].tokens, Ids{3});
  EXPECT_EQ(config.sequence_bias[1].bias, -4);
  ASSERT_TRUE(config.length_decay);
  EXPECT_EQ(config.length_decay->start, 5u);
  EXPECT_EQ(config.length_decay->factor, 1.1);
}

TEST_F(GenerationConfigTest, ReadsSamplingGroupsAndOutputs) {
  const GenerationConfig config = With(
      R"("do_sample": true, "num_return_sequences": 7, "temperature": 0.5,
         "top_k": 0, "top_p": 0.9, "min_p": 0.1, "typical_p": 0.8,
         "epsilon_cutoff": 0.01, "eta_cutoff": 0.02)");
  EXPECT_TRUE(config.do_sample);
  EXPECT_EQ(config.num_return_sequences, 7u);
  EXPECT_EQ(config.temperature, 0.5);
  EXPECT_EQ(config.top_k, 0u);
  EXPECT_EQ(config.top_p, 0.9);
  EXPECT_EQ(config.min_p, 0.1);
  EXPECT_EQ(config.typical_p, 0.8);
  EXPECT_EQ(config.epsilon_cutoff, 0.01);
  EXPECT_EQ(config.eta_cutoff, 0.02);
  EXPECT_EQ(With(R"("do_sample": true)").top_k, 50u);
  const GenerationConfig groups =
      With(R"("num_beams": 6, "num_beam_groups": 3, "diversity_penalty": 0.5)");
  EXPECT_EQ(groups.num_beam_groups, 3u);
  EXPECT_EQ(groups.diversity_penalty, 0.5);
}

TEST_F(GenerationConfigTest, ReadsTheBundledModel) {
  const ModelFolder folder(std::filesystem::path(TESSERA_SOURCE_DIR) /
                           "models/bundled/tatoeba-en-fr");
  const GenerationConfig config =
      ReadGenerationConfig(folder, ReadBartConfig(folder).generation_context());
  EXPECT_EQ(config.num_beams, 4u);
  EXPECT_EQ(config.max_length, 512u);
  EXPECT_EQ(config.bad_words_ids, (std::vector<Ids>{{7999}}));
  EXPECT_EQ(config.eos_token_ids, Ids{0});
  EXPECT_EQ(config.forced_eos_token_ids, Ids{0});
  EXPECT_EQ(config.decoder_start_token_id, 7999);
  EXPECT_FALSE(config.renormalize_logits);
}

TEST_F(GenerationConfigTest, CountsTheStartTokenInTheDefaultLength) {
  EXPECT_EQ(With(R"("max_length": 20)").max_length, 21u);
  EXPECT_EQ(With(R"("max_length": null)").max_length, 21u);
  EXPECT_EQ(With(R"("max_length": 19)").max_length, 19u);
  EXPECT_EQ(With(R"("max_length": 21)").max_length, 21u);
}

TEST_F(GenerationConfigTest, PrefersNewTokensToLengths) {
  const auto config = With(
      R"("max_length": 50, "max_new_tokens": 7, "min_length": 5,
         "min_new_tokens": 2)");
  EXPECT_EQ(config.max_length, 8u);
  EXPECT_EQ(config.min_length, 3u);
  EXPECT_EQ(config.max_new_tokens, 7u);
  EXPECT_EQ(config.min_new_tokens, 2u);
}

TEST_F(GenerationConfigTest, CutsLengthsToThePositionsOfTheModel) {
  EXPECT_EQ(With(R"("max_length": 64)").max_length, 64u);
  EXPECT_EQ(With(R"("max_length": 65)").max_length, 65u);
  EXPECT_EQ(With(R"("max_length": 66)").max_length, 65u);
  EXPECT_EQ(With(R"("max_new_tokens": 1000)").max_length, 65u);
  context_.max_positions = 16;
  EXPECT_EQ(Read(kIds).max_length, 16u);  // the default is cut one lower
}

TEST_F(GenerationConfigTest, TellsTheKindsOfEarlyStopping) {
  EXPECT_EQ(With(R"("early_stopping": false)").early_stopping,
            EarlyStopping::kHeuristic);
  EXPECT_EQ(With(R"("early_stopping": true)").early_stopping,
            EarlyStopping::kFirst);
  EXPECT_EQ(With(R"("early_stopping": "never")").early_stopping,
            EarlyStopping::kNever);
  EXPECT_EQ(With(R"("early_stopping": "top_beam")").early_stopping,
            EarlyStopping::kTopBeam);
  ExpectRefused(
      R"("early_stopping": "always")",
      {"early_stopping", R"(want true, false, "never" or "top_beam")"});
  ExpectRefused(R"("early_stopping": 3)", {"early_stopping"});
}

TEST_F(GenerationConfigTest, TellsTheFormsOfTheLengthPenalty) {
  EXPECT_EQ(With(R"("length_penalty_form": "power")").length_penalty_form,
            LengthPenaltyForm::kPower);
  EXPECT_EQ(With(R"("length_penalty_form": "gnmt")").length_penalty_form,
            LengthPenaltyForm::kGnmt);
  EXPECT_EQ(With(R"("length_penalty_form": null)").length_penalty_form,
            LengthPenaltyForm::kPower);
  for (const std::string value : {"\"wu\"", "\"Gnmt\"", "1", "true"}) {
    ExpectRefused("\"length_penalty_form\": " + value,
                  {"key \"length_penalty_form\": want \"power\" or \"gnmt\"",
                   "found " + value});
  }
}

TEST_F(GenerationConfigTest, FallsBackFromStartToBosAndFromPaddingToEos) {
  const auto config = Read(R"("eos_token_id": [5, 6], "bos_token_id": 7)");
  EXPECT_EQ(config.pad_token_id, 5);
  EXPECT_EQ(config.decoder_start_token_id, 7);
  ExpectError([&] { Read(R"("eos_token_id": 5)"); },
              {R"(generation_config.json: key "decoder_start_token_id": want a)"
               R"( token id, found no such key)"});
}

TEST_F(GenerationConfigTest, DropsBadWordsThatAreAnEosAlone) {
  const auto config =
      Read(R"("eos_token_id": [1, 2], "decoder_start_token_id": 3,
              "bad_words_ids": [[1], [2], [3], [1, 2]])");
  EXPECT_EQ(config.bad_words_ids, (std::vector<Ids>{{3}, {1, 2}}));
}

}  // namespace
}  // namespace tessera::models
