// Options of sampling: of folders that sample, and of those that do not.
#include <gtest/gtest.h>

#include <string>

#include "tests/models/config/generation_config_case.h"

namespace tessera::models {
namespace {

using GenerationConfigSamplingTest = GenerationConfigTest;

// A request may sample where the folder does not: with what it says.
TEST_F(GenerationConfigSamplingTest, IsReadWhateverTheFolderDoes) {
  for (const std::string samples :
       {"", R"("do_sample": false, )", R"("do_sample": true, )"}) {
    const GenerationConfig config =
        With(samples +
             R"("temperature": 0.5, "top_k": 7, "top_p": 0.9, "min_p": 0.1,
           "typical_p": 0.8, "epsilon_cutoff": 0.01, "eta_cutoff": 0.02)");
    EXPECT_EQ(config.do_sample, samples.find("true") != std::string::npos);
    EXPECT_EQ(config.temperature, 0.5);
    EXPECT_EQ(config.top_k, 7u);
    EXPECT_EQ(config.top_p, 0.9);
    EXPECT_EQ(config.min_p, 0.1);
    EXPECT_EQ(config.typical_p, 0.8);
    EXPECT_EQ(config.epsilon_cutoff, 0.01);
    EXPECT_EQ(config.eta_cutoff, 0.02);
  }
}

TEST_F(GenerationConfigSamplingTest, NullIsNoSuchRule) {
  const GenerationConfig config = With(
      R"("temperature": null, "top_k": null, "top_p": null, "min_p": null,
         "typical_p": null, "epsilon_cutoff": null, "eta_cutoff": null)");
  EXPECT_EQ(config.temperature, 1);
  EXPECT_EQ(config.top_k, 0u);
  EXPECT_EQ(config.top_p, 1);
  EXPECT_EQ(config.min_p, std::nullopt);
  EXPECT_EQ(config.typical_p, 1);
  EXPECT_EQ(config.epsilon_cutoff, 0);
  EXPECT_EQ(config.eta_cutoff, 0);
  EXPECT_EQ(With(R"("num_beams": 1)").top_k, 50u);
}

TEST_F(GenerationConfigSamplingTest, IsReadFromConfigJsonToo) {
  WriteModel(kIds + R"(, "temperature": 0.5, "top_k": null)");
  EXPECT_EQ(Read().temperature, 0.5);
  EXPECT_EQ(Read().top_k, 50u);  // as if it were not there
}

// As for Transformers, which looks at them in no other search.
TEST_F(GenerationConfigSamplingTest, WhatCannotBeReadIsForFoldersThatSample) {
  for (const std::string key : {"temperature", "top_k", "top_p", "min_p",
                                "typical_p", "epsilon_cutoff", "eta_cutoff"}) {
    const std::string pair = "\"" + key + "\": \"x\"";
    const std::string where = "generation_config.json: key \"" + key + "\"";
    ExpectRefused("\"do_sample\": true, " + pair, {where, "found \"x\""});
    folder_.Write("generation_config.json", "{" + kIds + ", " + pair + "}");
    const ModelFolder folder(folder_.path());
    ReadGenerationConfig(folder, context_);
    ASSERT_EQ(folder.warnings().size(), 1u);
    EXPECT_EQ(folder.warnings()[0].substr(0, where.size()), where);
    EXPECT_TRUE(folder.warnings()[0].ends_with("found \"x\"; not used"));
  }
  EXPECT_EQ(With(R"("top_k": -1)").top_k, 50u);
  EXPECT_EQ(With(R"("top_k": 2.0)").top_k, 50u);
}

}  // namespace
}  // namespace tessera::models
