// GenerationConfig: which file counts, how lengths resolve, what is refused.
#include "models/config/generation_config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "models/config/bart_config.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

using Ids = std::vector<std::int32_t>;

// Ids that every file needs.
const std::string kIds =
    R"("eos_token_id": 0, "pad_token_id": 99, "decoder_start_token_id": 99)";

class GenerationConfigTest : public testing::Test {
 protected:
  GenerationConfigTest() { WriteModel(kIds); }

  void WriteModel(const std::string& keys) {
    folder_.Write("config.json", "{" + keys + "}");
  }
  // Writes generation_config.json and reads it.
  GenerationConfig Read(const std::string& keys) {
    folder_.Write("generation_config.json", "{" + keys + "}");
    return Read();
  }
  GenerationConfig Read() {
    return ReadGenerationConfig(ModelFolder(folder_.path()), context_);
  }
  GenerationConfig With(const std::string& keys) {
    return Read(kIds + ", " + keys);
  }
  void ExpectRefused(const std::string& keys,
                     std::initializer_list<std::string_view> parts) {
    ExpectError([&] { With(keys); }, parts, keys);
    ExpectError([&] { With(keys); }, {"generation_config.json: key \""}, keys);
  }

  // As Marian's, for a vocabulary of 100.
  GenerationContext context_ = {.vocab_size = 100,
                                .max_positions = 64,
                                .pad_token_id = 99,
                                .eos_token_id = 0,
                                .decoder_start_token_id = 99,
                                .forced_eos_token_id = 0};
  TestFolder folder_;
};

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

TEST_F(GenerationConfigTest, RefusesWhatChangesScoresOutOfRange) {
  ExpectRefused(R"("repetition_penalty": 0)", {"above 0", "found 0"});
  ExpectRefused(R"("repetition_penalty": -1.5)", {"above 0", "found -1.5"});
  ExpectRefused(R"("encoder_repetition_penalty": "2")", {"a number"});
  ExpectRefused(R"("sequence_bias": [[[100], 1]])", {"[0, 99]"});
  ExpectRefused(R"("sequence_bias": [[[], 1]])", {"at least one id"});
  ExpectRefused(R"("sequence_bias": [[[1]]])", {"number"});
  ExpectRefused(R"("sequence_bias": {"1": 2})", {"number"});
  ExpectRefused(R"("exponential_decay_length_penalty": [5])", {"a pair"});
  ExpectRefused(R"("exponential_decay_length_penalty": [0.5, 2])", {"a pair"});
  ExpectRefused(R"("exponential_decay_length_penalty": [5, -2])", {"a pair"});
  ExpectRefused(R"("num_return_sequences": 2)", {"[1, 1]"});
  ExpectRefused(R"("num_beams": 4, "num_beam_groups": 3)", {"a divisor"});
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

TEST_F(GenerationConfigTest, RefusesAFileWithoutEos) {
  ExpectError([&] { Read(R"("decoder_start_token_id": 1)"); },
              {"generation_config.json: key \"eos_token_id\""});
  ExpectError([&] { Read(R"("eos_token_id": [], "bos_token_id": 1)"); },
              {"key \"eos_token_id\": want at least one token id, found []"});
}

TEST_F(GenerationConfigTest, DropsBadWordsThatAreAnEosAlone) {
  const auto config =
      Read(R"("eos_token_id": [1, 2], "decoder_start_token_id": 3,
              "bad_words_ids": [[1], [2], [3], [1, 2]])");
  EXPECT_EQ(config.bad_words_ids, (std::vector<Ids>{{3}, {1, 2}}));
}

TEST_F(GenerationConfigTest, RefusesIdsOutsideTheVocabulary) {
  for (const std::string key :
       {"bos_token_id", "forced_bos_token_id", "forced_eos_token_id"}) {
    for (const std::string id : {"100", "-1", "2147483648", "1.0", "\"1\""}) {
      ExpectRefused("\"" + key + "\": " + id, {key, "in [0, 99]", id});
    }
  }
  ExpectRefused(R"("forced_eos_token_id": [1, 100])", {"[0, 99]", "[1,100]"});
  ExpectRefused(R"("bad_words_ids": [[1], [2, 100]])", {"bad_words_ids"});
  ExpectRefused(R"("suppress_tokens": [-1])", {"suppress_tokens", "[-1]"});
  ExpectRefused(R"("begin_suppress_tokens": [100])", {"begin_suppress_tokens"});
  ExpectError([&] { Read(R"("eos_token_id": 100)"); },
              {"key \"eos_token_id\": want an integer or a list", "100"});
  ExpectError([&] { Read(R"("eos_token_id": 0, "pad_token_id": 100)"); },
              {"key \"pad_token_id\": want an integer in [0, 99], found 100"});
  ExpectError(
      [&] { Read(R"("eos_token_id": 0, "decoder_start_token_id": 100)"); },
      {"key \"decoder_start_token_id\": want an integer in [0, 99]"});
}

TEST_F(GenerationConfigTest, RefusesBadWordsThatAreNoSequences) {
  for (const std::string value : {"[[]]", "[1]", "3", "[[1], \"x\"]", "{}"}) {
    ExpectRefused("\"bad_words_ids\": " + value, {"bad_words_ids"});
  }
}

TEST_F(GenerationConfigTest, RefusesNumbersOutOfRange) {
  ExpectRefused(R"("num_beams": 0)", {"num_beams", "[1, 100], found 0"});
  ExpectRefused(R"("num_beams": 101)", {"num_beams", "found 101"});
  ExpectRefused(R"("num_beams": 1000000000)", {"num_beams"});
  ExpectRefused(R"("num_beams": 2.0)", {"num_beams"});
  ExpectRefused(R"("max_length": 0)", {"max_length", "found 0"});
  ExpectRefused(R"("max_length": 1)", {"max_length", "found 1"});
  ExpectRefused(R"("max_length": 2147483648)", {"max_length"});
  ExpectRefused(R"("max_new_tokens": 0)", {"max_new_tokens", "found 0"});
  ExpectRefused(R"("min_length": -1)", {"min_length", "found -1"});
  ExpectRefused(R"("min_new_tokens": -1)", {"min_new_tokens", "found -1"});
  ExpectRefused(R"("length_penalty": "1")", {"length_penalty", "a number"});
  ExpectRefused(R"("renormalize_logits": 1)", {"renormalize_logits"});
}

TEST_F(GenerationConfigTest, RefusesOptionsThatItWouldHaveToIgnore) {
  const std::pair<std::string, std::string> unsupported[] = {
      {"remove_invalid_values", "true"},
      {"guidance_scale", "1.5"},
      {"watermarking_config", "{}"},
      {"token_healing", "true"},
      {"stop_strings", "\"x\""},
      {"max_time", "5.0"},
      {"penalty_alpha", "0.6"},
      {"dola_layers", "\"low\""},
      {"constraints", "[]"},
      {"force_words_ids", "[[1]]"},
      {"prompt_lookup_num_tokens", "3"},
      {"assistant_early_exit", "2"},
  };
  for (const auto& [key, value] : unsupported) {
    ExpectRefused("\"" + key + "\": " + value,
                  {"key \"" + key + "\": want ",
                   " (other values are not supported yet; --ignore-unsupported "
                   "goes on without them), found " +
                       value});
  }
}

TEST_F(GenerationConfigTest, GoesOnWithoutUnsupportedOptionsIfTold) {
  folder_.Write("generation_config.json",
                R"({"num_beams": 4, "stop_strings": "x", "max_time": 5.0,
                    "guidance_scale": 1.5, )" +
                    kIds + "}");
  EXPECT_THROW(ReadGenerationConfig(ModelFolder(folder_.path()), context_),
               Error);
  const ModelFolder folder(folder_.path(), {.ignore_unsupported = true});
  EXPECT_EQ(ReadGenerationConfig(folder, context_).num_beams, 4u);
  ReadGenerationConfig(folder, context_);
  const auto& warnings = folder.warnings();
  ASSERT_EQ(warnings.size(), 3u);  // each once
  EXPECT_EQ(warnings[1],
            "generation_config.json: key \"stop_strings\": \"x\" is not "
            "supported yet and ignored: outputs differ from those of "
            "Transformers");
  EXPECT_NE(warnings[2].find("\"max_time\": \"5.0\""), std::string::npos);
}

TEST_F(GenerationConfigTest, AcceptsOptionsThatChangeNothing) {
  const GenerationConfig config = With(
      R"("do_sample": false, "num_return_sequences": 1,
         "repetition_penalty": 1, "no_repeat_ngram_size": 0,
         "encoder_no_repeat_ngram_size": null, "remove_invalid_values": false,
         "num_beam_groups": 1, "diversity_penalty": 0.0,
         "guidance_scale": 1.0, "sequence_bias": null, "temperature": 0.5,
         "top_k": 3, "top_p": 0.5, "use_cache": true, "output_scores": true,
         "transformers_version": "4.57.6", "unknown": {"x": 1})");
  EXPECT_EQ(config.num_beams, 1u);
}

TEST_F(GenerationConfigTest, ReadsConfigJsonWhereItsOwnFileIsAbsent) {
  WriteModel(R"("num_beams": 6, "max_length": 33, "bad_words_ids": [[99]])");
  const GenerationConfig config = Read();
  EXPECT_EQ(config.num_beams, 6u);
  EXPECT_EQ(config.max_length, 33u);
  EXPECT_EQ(config.bad_words_ids, (std::vector<Ids>{{99}}));
  // What the class fills in.
  EXPECT_EQ(config.eos_token_ids, Ids{0});
  EXPECT_EQ(config.pad_token_id, 99);
  EXPECT_EQ(config.decoder_start_token_id, 99);
  EXPECT_EQ(config.forced_eos_token_ids, Ids{0});

  WriteModel(R"("forced_eos_token_id": null, "decoder_start_token_id": 5)");
  EXPECT_TRUE(Read().forced_eos_token_ids.empty());
  EXPECT_EQ(Read().decoder_start_token_id, 5);

  context_.encoder_no_repeat_ngram_size = 3;
  WriteModel(R"("no_repeat_ngram_size": 2)");
  EXPECT_EQ(Read().no_repeat_ngram_size, 2u);
  EXPECT_EQ(Read().encoder_no_repeat_ngram_size, 3u);
  WriteModel(R"("encoder_no_repeat_ngram_size": null)");
  EXPECT_EQ(Read().encoder_no_repeat_ngram_size, 0u);

  WriteModel(R"("repetition_penalty": 3)");
  EXPECT_EQ(Read().repetition_penalty, 3);
  WriteModel(R"("guidance_scale": 3)");
  ExpectError([&] { Read(); }, {"config.json: key \"guidance_scale\""});
}

TEST_F(GenerationConfigTest, RefusesAClassDefaultOutsideTheVocabulary) {
  context_.decoder_start_token_id = 58100;
  WriteModel(R"("eos_token_id": 0, "pad_token_id": 99)");
  ExpectError([&] { Read(); },
              {"config.json: key \"decoder_start_token_id\"", "58100"});
}

TEST_F(GenerationConfigTest, IgnoresConfigJsonWhereItsOwnFileIsPresent) {
  WriteModel(kIds + R"(, "num_beams": 6, "forced_eos_token_id": 3)");
  const GenerationConfig config = With(R"("max_length": 30)");
  EXPECT_EQ(config.num_beams, 1u);
  EXPECT_EQ(config.max_length, 30u);
  EXPECT_TRUE(config.forced_eos_token_ids.empty());
}

TEST_F(GenerationConfigTest, PrefersConfigJsonToAFileDerivedFromIt) {
  const std::string derived =
      R"("_from_model_config": true, "num_beams": 2, "renormalize_logits": true)";
  // Transformers takes config.json as a whole once it sets any option.
  WriteModel(kIds + R"(, "num_beams": 6)");
  EXPECT_EQ(With(derived).num_beams, 6u);
  EXPECT_FALSE(With(derived).renormalize_logits);
  EXPECT_EQ(With(derived).forced_eos_token_ids, Ids{0});
  // Values that the class has anyway do not count.
  WriteModel(kIds + R"(, "num_beams": 1, "max_length": 20, "top_k": 50,
                       "forced_eos_token_id": 0, "early_stopping": false)");
  EXPECT_EQ(With(derived).num_beams, 2u);
  EXPECT_TRUE(With(derived).renormalize_logits);
  WriteModel(kIds + R"(, "forced_eos_token_id": 5)");
  EXPECT_EQ(With(derived).num_beams, 1u);
  // A file that is not derived wins in any case.
  EXPECT_EQ(With(R"("_from_model_config": false, "num_beams": 2)").num_beams,
            2u);
}

TEST_F(GenerationConfigTest, RefusesAMalformedFile) {
  folder_.Write("generation_config.json", "{\"a\": 1,}");
  ExpectError([&] { Read(); }, {"generation_config.json: want valid JSON"});
  folder_.Write("generation_config.json", "[]");
  ExpectError([&] { Read(); }, {"generation_config.json: want a JSON object"});
}

}  // namespace
}  // namespace tessera::models
