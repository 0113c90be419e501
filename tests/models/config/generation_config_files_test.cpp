// Which file of a folder the options of generate() come from.
#include <gtest/gtest.h>

#include <string>

#include "tests/models/config/generation_config_case.h"

namespace tessera::models {
namespace {

using GenerationConfigFilesTest = GenerationConfigTest;

TEST_F(GenerationConfigFilesTest, ReadsConfigJsonWhereItsOwnFileIsAbsent) {
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

TEST_F(GenerationConfigFilesTest, RefusesAClassDefaultOutsideTheVocabulary) {
  context_.decoder_start_token_id = 58100;
  WriteModel(R"("eos_token_id": 0, "pad_token_id": 99)");
  ExpectError([&] { Read(); },
              {"config.json: key \"decoder_start_token_id\"", "58100"});
}

TEST_F(GenerationConfigFilesTest, IgnoresConfigJsonWhereItsOwnFileIsPresent) {
  WriteModel(kIds + R"(, "num_beams": 6, "forced_eos_token_id": 3)");
  const GenerationConfig config = With(R"("max_length": 30)");
  EXPECT_EQ(config.num_beams, 1u);
  EXPECT_EQ(config.max_length, 30u);
  EXPECT_TRUE(config.forced_eos_token_ids.empty());
}

TEST_F(GenerationConfigFilesTest, PrefersConfigJsonToAFileDerivedFromIt) {
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

TEST_F(GenerationConfigFilesTest, RefusesAMalformedFile) {
  folder_.Write("generation_config.json", "{\"a\": 1,}");
  ExpectError([&] { Read(); }, {"generation_config.json: want valid JSON"});
  folder_.Write("generation_config.json", "[]");
  ExpectError([&] { Read(); }, {"generation_config.json: want a JSON object"});
}

}  // namespace
}  // namespace tessera::models
