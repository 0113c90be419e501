// A folder whose options of generate() tests change.
#ifndef TESSERA_TESTS_MODELS_CONFIG_GENERATION_CONFIG_CASE_H_
#define TESSERA_TESTS_MODELS_CONFIG_GENERATION_CONFIG_CASE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/generation_config.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::models {

using Ids = std::vector<std::int32_t>;

// Ids that every file needs.
inline const std::string kIds =
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

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_CONFIG_GENERATION_CONFIG_CASE_H_
