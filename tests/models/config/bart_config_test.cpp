// BartConfig: defaults by model_type, names, and values that are refused.
#include "models/config/bart_config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "models/config/config_values.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

using kernels::Activation;

// A configuration with `extra` keys, as in: "\"d_model\": 8".
class BartConfigTest : public testing::Test {
 protected:
  BartConfig Read(const std::string& extra,
                  const std::string& type = "marian") {
    folder_.Write("config.json", "{\"model_type\":\"" + type + "\"" +
                                     (extra.empty() ? "" : "," + extra) + "}");
    return ReadBartConfig(ModelFolder(folder_.path()));
  }
  void ExpectRefused(const std::string& extra,
                     std::initializer_list<std::string_view> parts,
                     const std::string& type = "marian") {
    ExpectError([&] { Read(extra, type); }, parts, extra);
    ExpectError([&] { Read(extra, type); }, {"config.json: key "}, extra);
  }

  TestFolder folder_;
};

TEST_F(BartConfigTest, HasTheClassDefaultsOfTransformers) {
  const BartConfig config = Read("");
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

TEST_F(BartConfigTest, ReadsEveryKey) {
  const BartConfig config = Read(
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

TEST_F(BartConfigTest, ReadsTheBundledModel) {
  const auto folder = std::filesystem::path(TESSERA_SOURCE_DIR) /
                      "models/bundled/tatoeba-en-fr";
  EXPECT_EQ(ReadModelType(ModelFolder(folder)), "marian");
  const BartConfig config = ReadBartConfig(ModelFolder(folder));
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

TEST_F(BartConfigTest, ReadsOtherNamesOfAValue) {
  EXPECT_EQ(Read(R"("hidden_size": 32)").d_model, 32u);
  EXPECT_EQ(Read(R"("hidden_size": 32, "d_model": 32)").d_model, 32u);
  EXPECT_EQ(Read(R"("num_attention_heads": 8)").encoder_attention_heads, 8u);
  EXPECT_EQ(Read(R"("num_attention_heads": 8)").decoder_attention_heads, 16u);
  ExpectRefused(R"("hidden_size": 32, "d_model": 64)",
                {R"(key "hidden_size": want the 64 of "d_model", found 32)"});
}

TEST_F(BartConfigTest, IgnoresUnknownKeysAndNumHiddenLayers) {
  EXPECT_EQ(Read(R"("num_hidden_layers": 3)").encoder_layers, 12u);
  EXPECT_NO_THROW(Read(R"("normalize_before": true, "x": {"y": [1, {}]})"));
}

TEST_F(BartConfigTest, TakesTheTargetVocabularyFromTheSourceUnlessSeparate) {
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

TEST_F(BartConfigTest, KnowsTheActivationsByName) {
  const std::pair<const char*, Activation> names[] = {
      {"relu", Activation::kRelu},
      {"gelu", Activation::kGeluErf},
      {"gelu_new", Activation::kGeluTanh},
      {"gelu_fast", Activation::kGeluTanh},
      {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"silu", Activation::kSilu},
      {"swish", Activation::kSilu},
      {"tanh", Activation::kTanh},
      {"gelu_python", Activation::kGeluErf},
      {"gelu_python_tanh", Activation::kGeluTanh},
      {"gelu_accurate", Activation::kGeluTanh},
      {"gelu_10", Activation::kGeluClipped},
      {"quick_gelu", Activation::kQuickGelu},
      {"mish", Activation::kMish},
      {"sigmoid", Activation::kSigmoid},
      {"laplace", Activation::kLaplace},
      {"leaky_relu", Activation::kLeakyRelu},
      {"linear", Activation::kIdentity},
      {"relu2", Activation::kReluSquared},
      {"relu6", Activation::kRelu6},
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

TEST_F(BartConfigTest, RefusesDimensionsOutOfRange) {
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

TEST_F(BartConfigTest, RefusesHeadsThatDoNotDivideTheWidth) {
  ExpectRefused(R"("d_model": 64, "encoder_attention_heads": 3)",
                {"encoder_attention_heads",
                 "want a divisor of d_model = 64, "
                 "found 3"});
  ExpectRefused(R"("d_model": 64, "decoder_attention_heads": 128)",
                {"decoder_attention_heads", "divisor", "found 128"});
}

TEST_F(BartConfigTest, RefusesAPaddingOutsideAVocabulary) {
  ExpectRefused(R"("vocab_size": 10, "pad_token_id": 10)",
                {"pad_token_id", "[0, 9], found 10"});
  ExpectRefused(R"("vocab_size": 10, "pad_token_id": -1)", {"found -1"});
  ExpectRefused(R"("vocab_size": 10)", {"pad_token_id", "58100"});
  ExpectRefused(R"("vocab_size": 10, "decoder_vocab_size": 5,
                   "share_encoder_decoder_embeddings": false,
                   "pad_token_id": 5)",
                {"pad_token_id", "[0, 4], found 5"});
}

TEST_F(BartConfigTest, RefusesSwitchesThatAreNotBooleans) {
  for (const std::string key :
       {"scale_embedding", "share_encoder_decoder_embeddings",
        "tie_word_embeddings", "tie_encoder_decoder"}) {
    ExpectRefused("\"" + key + "\": 1",
                  {"key \"" + key + "\": want true or false, found 1"});
  }
  ExpectRefused(R"("tie_encoder_decoder": true)", {"not supported"});
}

TEST_F(BartConfigTest, RefusesAnotherModelType) {
  folder_.Write("config.json", R"({"model_type": "bert"})");
  EXPECT_EQ(ReadModelType(ModelFolder(folder_.path())), "bert");
  ExpectError(
      [&] { ReadBartConfig(ModelFolder(folder_.path())); },
      {R"(config.json: key "model_type": want one of "marian", "bart",)",
       R"("blenderbot-small", found "bert")"});
}

TEST_F(BartConfigTest, RefusesAFileWithoutModelType) {
  folder_.Write("config.json", R"({"d_model": 8})");
  ExpectError([&] { ReadModelType(ModelFolder(folder_.path())); },
              {R"(config.json: key "model_type": want a string)"});
  folder_.Write("config.json", "[]");
  ExpectError([&] { ReadModelType(ModelFolder(folder_.path())); },
              {"config.json: want a JSON object"});
}

TEST_F(BartConfigTest, RefusesAFolderWithoutConfig) {
  ExpectError([&] { ReadModelType(ModelFolder(folder_.path())); },
              {"config.json: want a readable file", "No such file"});
}

TEST_F(BartConfigTest, TellsWhatGenerationIsCheckedAgainst) {
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

// What the classes of Transformers 4.57 have for keys that are absent.
TEST_F(BartConfigTest, HasTheDefaultsOfEachClass) {
  struct Row {
    const char* type;
    std::size_t vocabulary, width, layers, positions;
    std::int32_t pad;
    std::optional<std::int32_t> bos;
    std::int32_t eos;
    std::optional<std::int32_t> start, forced_end;
    bool scale;
    Activation activation;
  };
  const std::optional<std::int32_t> none;
  const Row rows[] = {
      {"marian", 58101, 1024, 12, 1024, 58100, none, 0, 58100, 0, false,
       Activation::kGeluErf},
      {"bart", 50265, 1024, 12, 1024, 1, 0, 2, 2, 2, false,
       Activation::kGeluErf},
      {"mbart", 50265, 1024, 12, 1024, 1, 0, 2, none, 2, false,
       Activation::kGeluErf},
      {"pegasus", 50265, 1024, 12, 1024, 0, none, 1, 0, 1, false,
       Activation::kGeluErf},
      {"m2m_100", 128112, 1024, 12, 1024, 1, 0, 2, 2, none, true,
       Activation::kRelu},
      {"blenderbot", 8008, 2560, 24, 128, 0, 1, 2, 1, 2, false,
       Activation::kGeluErf},
      {"blenderbot-small", 50265, 512, 8, 512, 0, 1, 2, 1, 2, false,
       Activation::kGeluErf},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.type);
    const BartConfig config = Read("", row.type);
    EXPECT_EQ(config.vocab_size, row.vocabulary);
    EXPECT_EQ(config.d_model, row.width);
    EXPECT_EQ(config.decoder_layers, row.layers);
    EXPECT_EQ(config.max_position_embeddings, row.positions);
    EXPECT_EQ(config.scale_embedding, row.scale);
    EXPECT_EQ(config.activation, row.activation);
    const GenerationContext context = config.generation_context();
    EXPECT_EQ(context.pad_token_id, row.pad);
    EXPECT_EQ(context.bos_token_id, row.bos);
    EXPECT_EQ(context.eos_token_id, row.eos);
    EXPECT_EQ(context.decoder_start_token_id, row.start);
    EXPECT_EQ(context.forced_eos_token_id, row.forced_end);
    EXPECT_EQ(context.forced_bos_token_id, none);
  }
}

TEST_F(BartConfigTest, PositionsOfM2M100BeginBehindThePadding) {
  EXPECT_EQ(Read("", "m2m_100").position_offset, 2u);
  EXPECT_EQ(Read(R"("pad_token_id": 7)", "m2m_100").position_offset, 8u);
  EXPECT_EQ(Read(R"("pad_token_id": 7)", "bart").position_offset, 2u);
}

TEST_F(BartConfigTest, OnlyMarianHasVocabulariesOfTwoKinds) {
  const std::string separate =
      R"("share_encoder_decoder_embeddings": false, "decoder_vocab_size": 9)";
  EXPECT_EQ(Read(separate, "bart").target_vocab_size, 50265u);
  EXPECT_TRUE(Read(separate, "pegasus").share_encoder_decoder_embeddings);
}

TEST_F(BartConfigTest, ReadsHowFoldersOf2020ForceTheStart) {
  const std::string key = R"("force_bos_token_to_be_generated": true)";
  EXPECT_EQ(Read(key, "bart").forced_bos_token_id, 0);
  EXPECT_EQ(Read(key + R"(, "bos_token_id": 5)", "bart").forced_bos_token_id,
            5);
  EXPECT_EQ(Read(key, "mbart").forced_bos_token_id, std::nullopt);
}

TEST_F(BartConfigTest, RefusesContradictionsOfEachClass) {
  for (const std::string type : {"bart", "mbart", "pegasus", "m2m_100",
                                 "blenderbot", "blenderbot-small"}) {
    SCOPED_TRACE(type);
    ExpectRefused(R"("d_model": 64, "encoder_attention_heads": 3)",
                  {"encoder_attention_heads", "divisor of d_model"}, type);
    ExpectRefused(R"("d_model": 96, "decoder_attention_heads": 7)",
                  {"decoder_attention_heads", "divisor of d_model"}, type);
    ExpectRefused(R"("d_model": 64, "hidden_size": 32)",
                  {"hidden_size", "the 64 of"}, type);
    ExpectRefused(R"("vocab_size": 9, "pad_token_id": 9)",
                  {"pad_token_id", "[0, 8], found 9"}, type);
    ExpectRefused(R"("tie_encoder_decoder": true)", {"not supported"}, type);
    ExpectRefused(R"("activation_function": "glu")", {"want one of relu"},
                  type);
  }
  ExpectRefused(R"("vocab_size": 1)", {"pad_token_id", "default is 1"}, "bart");
  ExpectRefused(R"("d_model": 3, "encoder_attention_heads": 1,
                   "decoder_attention_heads": 1)",
                {"d_model", "at least 4"}, "m2m_100");
  ExpectRefused(R"("max_position_embeddings": 1000000)",
                {"max_position_embeddings", "at most 16384"}, "m2m_100");
  ExpectRefused(R"("max_position_embeddings": 1000000)",
                {"max_position_embeddings", "at most 16384"}, "pegasus");
  ExpectRefused(R"("force_bos_token_to_be_generated": true, "vocab_size": 90,
                   "bos_token_id": 90)",
                {"bos_token_id", "[0, 89]"}, "bart");
}

}  // namespace
}  // namespace tessera::models
