// MarianConfig: defaults, names, and values that are refused.
#include "models/config/marian_config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

using kernels::Activation;

// A small valid configuration with `extra` keys, as in: "\"d_model\": 8".
class MarianConfigTest : public testing::Test {
 protected:
  MarianConfig Read(const std::string& extra) {
    folder_.Write("config.json", "{\"model_type\":\"marian\"" +
                                     (extra.empty() ? "" : "," + extra) + "}");
    return ReadMarianConfig(ModelFolder(folder_.path()));
  }
  void ExpectRefused(const std::string& extra,
                     std::initializer_list<std::string_view> parts) {
    ExpectError([&] { Read(extra); }, parts, extra);
    ExpectError([&] { Read(extra); }, {"config.json: key "}, extra);
  }

  TestFolder folder_;
};

TEST_F(MarianConfigTest, HasTheClassDefaultsOfTransformers) {
  const MarianConfig config = Read("");
  EXPECT_EQ(config.vocab_size, 58101u);
  EXPECT_EQ(config.target_vocab_size, 58101u);
  EXPECT_EQ(config.d_model, 1024u);
  EXPECT_EQ(config.encoder_layers, 12u);
  EXPECT_EQ(config.decoder_layers, 12u);
  EXPECT_EQ(config.encoder_attention_heads, 16u);
  EXPECT_EQ(config.decoder_attention_heads, 16u);
  EXPECT_EQ(config.encoder_ffn_dim, 4096u);
  EXPECT_EQ(config.decoder_ffn_dim, 4096u);
  EXPECT_EQ(config.max_position_embeddings, 1024u);
  EXPECT_EQ(config.activation, Activation::kGeluErf);
  EXPECT_FALSE(config.scale_embedding);
  EXPECT_TRUE(config.share_encoder_decoder_embeddings);
  EXPECT_TRUE(config.tie_word_embeddings);
  EXPECT_EQ(config.pad_token_id, 58100);
}

TEST_F(MarianConfigTest, ReadsEveryKey) {
  const MarianConfig config = Read(
      R"("vocab_size": 100, "decoder_vocab_size": 90, "d_model": 24,
         "encoder_layers": 1, "decoder_layers": 2,
         "encoder_attention_heads": 3, "decoder_attention_heads": 4,
         "encoder_ffn_dim": 5, "decoder_ffn_dim": 6,
         "max_position_embeddings": 7, "activation_function": "swish",
         "scale_embedding": true, "share_encoder_decoder_embeddings": false,
         "tie_word_embeddings": false, "pad_token_id": 8)");
  EXPECT_EQ(config.vocab_size, 100u);
  EXPECT_EQ(config.target_vocab_size, 90u);
  EXPECT_EQ(config.d_model, 24u);
  EXPECT_EQ(config.encoder_layers, 1u);
  EXPECT_EQ(config.decoder_layers, 2u);
  EXPECT_EQ(config.encoder_attention_heads, 3u);
  EXPECT_EQ(config.decoder_attention_heads, 4u);
  EXPECT_EQ(config.encoder_ffn_dim, 5u);
  EXPECT_EQ(config.decoder_ffn_dim, 6u);
  EXPECT_EQ(config.max_position_embeddings, 7u);
  EXPECT_EQ(config.activation, Activation::kSilu);
  EXPECT_TRUE(config.scale_embedding);
  EXPECT_FALSE(config.share_encoder_decoder_embeddings);
  EXPECT_FALSE(config.tie_word_embeddings);
  EXPECT_EQ(config.pad_token_id, 8);
}

TEST_F(MarianConfigTest, ReadsTheBundledModel) {
  const auto folder = std::filesystem::path(TESSERA_SOURCE_DIR) /
                      "models/bundled/tatoeba-en-fr";
  EXPECT_EQ(ReadModelType(ModelFolder(folder)), "marian");
  const MarianConfig config = ReadMarianConfig(ModelFolder(folder));
  EXPECT_EQ(config.vocab_size, 8000u);
  EXPECT_EQ(config.target_vocab_size, 8000u);
  EXPECT_EQ(config.d_model, 256u);
  EXPECT_EQ(config.encoder_layers, 6u);
  EXPECT_EQ(config.decoder_layers, 3u);
  EXPECT_EQ(config.encoder_attention_heads, 4u);
  EXPECT_EQ(config.encoder_ffn_dim, 1024u);
  EXPECT_EQ(config.max_position_embeddings, 512u);
  EXPECT_EQ(config.activation, Activation::kRelu);
  EXPECT_TRUE(config.scale_embedding);
  EXPECT_EQ(config.pad_token_id, 7999);
}

TEST_F(MarianConfigTest, ReadsOtherNamesOfAValue) {
  EXPECT_EQ(Read(R"("hidden_size": 32)").d_model, 32u);
  EXPECT_EQ(Read(R"("hidden_size": 32, "d_model": 32)").d_model, 32u);
  EXPECT_EQ(Read(R"("num_attention_heads": 8)").encoder_attention_heads, 8u);
  EXPECT_EQ(Read(R"("num_attention_heads": 8)").decoder_attention_heads, 16u);
  ExpectRefused(R"("hidden_size": 32, "d_model": 64)",
                {R"(key "hidden_size": want the 64 of "d_model", found 32)"});
}

TEST_F(MarianConfigTest, IgnoresUnknownKeysAndNumHiddenLayers) {
  EXPECT_EQ(Read(R"("num_hidden_layers": 3)").encoder_layers, 12u);
  EXPECT_NO_THROW(Read(R"("normalize_before": true, "x": {"y": [1, {}]})"));
}

TEST_F(MarianConfigTest, TakesTheTargetVocabularyFromTheSourceUnlessSeparate) {
  const std::string ids = R"("vocab_size": 50, "pad_token_id": 1)";
  EXPECT_EQ(Read(ids + R"(, "decoder_vocab_size": 40)").target_vocab_size, 50u);
  const std::string separate =
      ids + R"(, "share_encoder_decoder_embeddings": false)";
  EXPECT_EQ(Read(separate).target_vocab_size, 50u);
  EXPECT_EQ(
      Read(separate + R"(, "decoder_vocab_size": null)").target_vocab_size,
      50u);
  EXPECT_EQ(Read(separate + R"(, "decoder_vocab_size": 40)").target_vocab_size,
            40u);
}

TEST_F(MarianConfigTest, KnowsTheActivationsByName) {
  const std::pair<const char*, Activation> names[] = {
      {"relu", Activation::kRelu},
      {"gelu", Activation::kGeluErf},
      {"gelu_new", Activation::kGeluTanh},
      {"gelu_fast", Activation::kGeluTanh},
      {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"silu", Activation::kSilu},
      {"swish", Activation::kSilu},
      {"tanh", Activation::kTanh},
  };
  for (const auto& [name, activation] : names) {
    EXPECT_EQ(Read("\"activation_function\": \"" + std::string(name) + "\"")
                  .activation,
              activation)
        << name;
  }
  ExpectRefused(R"("activation_function": "selu")",
                {"want one of relu, gelu, ", R"(found "selu")"});
  ExpectRefused(R"("activation_function": 3)", {"want a string"});
}

TEST_F(MarianConfigTest, RefusesDimensionsOutOfRange) {
  for (const std::string key :
       {"vocab_size", "d_model", "encoder_layers", "decoder_layers",
        "encoder_attention_heads", "decoder_attention_heads", "encoder_ffn_dim",
        "decoder_ffn_dim", "max_position_embeddings", "hidden_size"}) {
    for (const std::string value :
         {"0", "-1", "2147483648", "1e3", "\"8\"", "null", "[8]", "true"}) {
      ExpectRefused("\"" + key + "\": " + value,
                    {"key \"" + key + "\": want an integer in [1, "});
    }
  }
  ExpectRefused(R"("encoder_layers": 1001)", {"[1, 1000], found 1001"});
  ExpectRefused(R"("max_position_embeddings": 1000001)", {"[1, 1000000]"});
}

TEST_F(MarianConfigTest, RefusesHeadsThatDoNotDivideTheWidth) {
  ExpectRefused(R"("d_model": 64, "encoder_attention_heads": 3)",
                {"encoder_attention_heads",
                 "want a divisor of d_model = 64, "
                 "found 3"});
  ExpectRefused(R"("d_model": 64, "decoder_attention_heads": 128)",
                {"decoder_attention_heads", "divisor", "found 128"});
}

TEST_F(MarianConfigTest, RefusesAPaddingOutsideAVocabulary) {
  ExpectRefused(R"("vocab_size": 10, "pad_token_id": 10)",
                {"pad_token_id", "[0, 9], found 10"});
  ExpectRefused(R"("vocab_size": 10, "pad_token_id": -1)", {"found -1"});
  ExpectRefused(R"("vocab_size": 10)", {"pad_token_id", "58100"});
  ExpectRefused(R"("vocab_size": 10, "decoder_vocab_size": 5,
                   "share_encoder_decoder_embeddings": false,
                   "pad_token_id": 5)",
                {"pad_token_id", "[0, 4], found 5"});
}

TEST_F(MarianConfigTest, RefusesSwitchesThatAreNotBooleans) {
  for (const std::string key :
       {"scale_embedding", "share_encoder_decoder_embeddings",
        "tie_word_embeddings", "tie_encoder_decoder"}) {
    ExpectRefused("\"" + key + "\": 1",
                  {"key \"" + key + "\": want true or false, found 1"});
  }
  ExpectRefused(R"("tie_encoder_decoder": true)", {"not supported"});
}

TEST_F(MarianConfigTest, RefusesAnotherModelType) {
  folder_.Write("config.json", R"({"model_type": "bart"})");
  EXPECT_EQ(ReadModelType(ModelFolder(folder_.path())), "bart");
  ExpectError(
      [&] { ReadMarianConfig(ModelFolder(folder_.path())); },
      {R"(config.json: key "model_type": want "marian", found "bart")"});
}

TEST_F(MarianConfigTest, RefusesAFileWithoutModelType) {
  folder_.Write("config.json", R"({"d_model": 8})");
  ExpectError([&] { ReadModelType(ModelFolder(folder_.path())); },
              {R"(config.json: key "model_type": want a string)"});
  folder_.Write("config.json", "[]");
  ExpectError([&] { ReadModelType(ModelFolder(folder_.path())); },
              {"config.json: want a JSON object"});
}

TEST_F(MarianConfigTest, RefusesAFolderWithoutConfig) {
  ExpectError([&] { ReadModelType(ModelFolder(folder_.path())); },
              {"config.json: want a readable file", "No such file"});
}

TEST_F(MarianConfigTest, TellsWhatGenerationIsCheckedAgainst) {
  const GenerationContext context =
      Read(R"("vocab_size": 50, "decoder_vocab_size": 40, "pad_token_id": 39,
              "share_encoder_decoder_embeddings": false,
              "max_position_embeddings": 30)")
          .generation_context();
  EXPECT_EQ(context.vocab_size, 40u);
  EXPECT_EQ(context.max_positions, 30u);
  EXPECT_EQ(context.pad_token_id, 39);
  EXPECT_EQ(context.eos_token_id, 0);
  EXPECT_EQ(context.forced_eos_token_id, 0);
  EXPECT_EQ(context.decoder_start_token_id, 58100);
}

}  // namespace
}  // namespace tessera::models
