// Options of generate() that are refused, and those that are let pass.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/models/config/generation_config_case.h"

namespace tessera::models {
namespace {

using GenerationConfigRefusalsTest = GenerationConfigTest;

TEST_F(GenerationConfigRefusalsTest, RefusesWhatChangesScoresOutOfRange) {
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

TEST_F(GenerationConfigRefusalsTest, RefusesAFileWithoutEos) {
  ExpectError([&] { Read(R"("decoder_start_token_id": 1)"); },
              {"generation_config.json: key \"eos_token_id\""});
  ExpectError([&] { Read(R"("eos_token_id": [], "bos_token_id": 1)"); },
              {"key \"eos_token_id\": want at least one token id, found []"});
}

TEST_F(GenerationConfigRefusalsTest, RefusesIdsOutsideTheVocabulary) {
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

TEST_F(GenerationConfigRefusalsTest, RefusesBadWordsThatAreNoSequences) {
  for (const std::string value : {"[[]]", "[1]", "3", "[[1], \"x\"]", "{}"}) {
    ExpectRefused("\"bad_words_ids\": " + value, {"bad_words_ids"});
  }
}

TEST_F(GenerationConfigRefusalsTest, RefusesNumbersOutOfRange) {
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

TEST_F(GenerationConfigRefusalsTest, RefusesOptionsThatItWouldHaveToIgnore) {
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

TEST_F(GenerationConfigRefusalsTest, GoesOnWithoutUnsupportedOptionsIfTold) {
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

TEST_F(GenerationConfigRefusalsTest, AcceptsOptionsThatChangeNothing) {
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

}  // namespace
}  // namespace tessera::models
