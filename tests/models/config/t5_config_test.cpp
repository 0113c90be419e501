// T5Config: defaults by model_type, names, and values that are refused.
#include "models/config/t5_config.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

using kernels::Activation;

class T5ConfigTest : public testing::Test {
 protected:
  T5Config Read(const std::string& extra, const std::string& type = "t5") {
    folder_.Write("config.json", "{\"model_type\":\"" + type + "\"" +
                                     (extra.empty() ? "" : "," + extra) + "}");
    return ReadT5Config(ModelFolder(folder_.path()));
  }
  void ExpectRefused(const std::string& extra,
                     std::initializer_list<std::string_view> parts) {
    for (const std::string type : {"t5", "mt5", "umt5"}) {
      SCOPED_TRACE(type);
      ExpectError([&] { Read(extra, type); }, parts, extra);
      ExpectError([&] { Read(extra, type); }, {"config.json: key "}, extra);
    }
  }

  TestFolder folder_;
};

TEST_F(T5ConfigTest, HasTheDefaultsOfEachClass) {
  const T5Config t5 = Read("");
  EXPECT_EQ(t5.vocab_size, 32128u);
  EXPECT_EQ(t5.d_model, 512u);
  EXPECT_EQ(t5.d_kv, 64u);
  EXPECT_EQ(t5.d_ff, 2048u);
  EXPECT_EQ(t5.num_layers, 6u);
  EXPECT_EQ(t5.num_decoder_layers, 6u);
  EXPECT_EQ(t5.num_heads, 8u);
  EXPECT_EQ(t5.buckets, 32u);
  EXPECT_EQ(t5.max_distance, 128u);
  EXPECT_EQ(t5.epsilon, 1e-6f);
  EXPECT_EQ(t5.activation, Activation::kRelu);
  EXPECT_FALSE(t5.gated);
  EXPECT_TRUE(t5.tie_word_embeddings);
  EXPECT_FALSE(t5.bias_of_each_layer);
  EXPECT_EQ(t5.generation_context().decoder_start_token_id, std::nullopt);
  for (const std::string type : {"mt5", "umt5"}) {
    SCOPED_TRACE(type);
    const T5Config other = Read("", type);
    EXPECT_EQ(other.vocab_size, 250112u);
    EXPECT_EQ(other.d_ff, 1024u);
    EXPECT_EQ(other.num_layers, 8u);
    EXPECT_EQ(other.num_heads, 6u);
    EXPECT_EQ(other.activation, Activation::kGeluTanh);
    EXPECT_TRUE(other.gated);
    EXPECT_EQ(other.tie_word_embeddings, type == "umt5");
    EXPECT_EQ(other.bias_of_each_layer, type == "umt5");
    EXPECT_EQ(other.generation_context().decoder_start_token_id, 0);
  }
}

TEST_F(T5ConfigTest, ReadsEveryKeyAndItsOtherName) {
  const T5Config config = Read(
      R"("vocab_size": 90, "hidden_size": 24, "head_dim": 7, "d_ff": 30,
         "num_hidden_layers": 2, "num_decoder_layers": 3,
         "num_attention_heads": 5, "relative_attention_num_buckets": 10,
         "relative_attention_max_distance": 20, "layer_norm_epsilon": 1e-3,
         "feed_forward_proj": "gated-silu", "tie_word_embeddings": false,
         "pad_token_id": 4)");
  EXPECT_EQ(config.vocab_size, 90u);
  EXPECT_EQ(config.d_model, 24u);
  EXPECT_EQ(config.d_kv, 7u);
  EXPECT_EQ(config.d_ff, 30u);
  EXPECT_EQ(config.num_layers, 2u);
  EXPECT_EQ(config.num_decoder_layers, 3u);
  EXPECT_EQ(config.num_heads, 5u);
  EXPECT_EQ(config.buckets, 10u);
  EXPECT_EQ(config.max_distance, 20u);
  EXPECT_EQ(config.epsilon, 1e-3f);
  EXPECT_EQ(config.activation, Activation::kSilu);
  EXPECT_TRUE(config.gated);
  EXPECT_FALSE(config.tie_word_embeddings);
  EXPECT_EQ(config.pad_token_id, 4);
  EXPECT_EQ(
      Read(R"("num_layers": 2, "num_decoder_layers": null)").num_decoder_layers,
      2u);
}

TEST_F(T5ConfigTest, KnowsWhichGeluIsGated) {
  const auto read = [&](const std::string& name) {
    return Read("\"feed_forward_proj\": \"" + name + "\"").activation;
  };
  EXPECT_EQ(read("gelu"), Activation::kGeluErf);
  EXPECT_EQ(read("gated-gelu"), Activation::kGeluTanh);
  EXPECT_EQ(read("gelu_new"), Activation::kGeluTanh);
  EXPECT_EQ(read("gated-relu"), Activation::kRelu);
  EXPECT_EQ(read("gated-swish"), Activation::kSilu);
}

TEST_F(T5ConfigTest, LogitsHaveTheScaleOfTheVersionThatWroteThem) {
  const auto scales = [&](const std::string& extra, const std::string& type) {
    return Read(extra, type).scales_logits;
  };
  for (const std::string type : {"t5", "umt5"}) {
    EXPECT_TRUE(scales("", type));
    EXPECT_TRUE(scales(R"("tie_word_embeddings": true)", type));
    EXPECT_FALSE(scales(R"("tie_word_embeddings": false)", type));
    EXPECT_FALSE(scales(R"("tie_word_embeddings": true,
                          "scale_decoder_outputs": false,
                          "transformers_version": "5.24.0")",
                        type));
    EXPECT_TRUE(scales(R"("scale_decoder_outputs": true,
                         "tie_word_embeddings": false)",
                       type));
  }
  EXPECT_FALSE(scales("", "mt5"));
  const std::string tied = R"("tie_word_embeddings": true)";
  EXPECT_TRUE(scales(tied + R"(, "transformers_version": "4.57.6")", "mt5"));
  EXPECT_FALSE(scales(tied + R"(, "transformers_version": "5.0.0")", "mt5"));
  EXPECT_FALSE(scales(tied + R"(, "transformers_version": "10.1")", "mt5"));
  EXPECT_TRUE(scales(tied + R"(, "transformers_version": null)", "mt5"));
  ExpectRefused(R"("scale_decoder_outputs": "no")", {"want true or false"});
}

TEST_F(T5ConfigTest, RefusesSizesOutOfRange) {
  for (const std::string key :
       {"vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_heads",
        "num_decoder_layers", "relative_attention_max_distance"}) {
    for (const std::string value : {"0", "-1", "2147483648", "\"8\"", "1.5"}) {
      ExpectRefused("\"" + key + "\": " + value,
                    {"key \"" + key + "\": want an integer in [1, "});
    }
  }
  ExpectRefused(R"("relative_attention_num_buckets": 3)", {"[4, 65536]"});
  ExpectRefused(R"("num_heads": 65536, "d_kv": 65536)",
                {"d_kv", "with all of num_heads"});
}

TEST_F(T5ConfigTest, RefusesContradictions) {
  ExpectRefused(R"("d_model": 64, "hidden_size": 32)",
                {"hidden_size", "the 64 of"});
  ExpectRefused(R"("d_kv": 64, "head_dim": 32)", {"head_dim", "the 64 of"});
  ExpectRefused(R"("num_layers": 4, "num_hidden_layers": 5)",
                {"num_hidden_layers", "the 4 of"});
  ExpectRefused(R"("num_heads": 4, "num_attention_heads": 5)",
                {"num_attention_heads", "the 4 of"});
  ExpectRefused(R"("relative_attention_max_distance": 16)",
                {"max_distance", "more than half", "= 32", "found 16"});
  ExpectRefused(R"("relative_attention_num_buckets": 256)",
                {"max_distance", "more than half", "= 256"});
  ExpectRefused(R"("feed_forward_proj": "gated")", {"feed_forward_proj"});
  ExpectRefused(R"("feed_forward_proj": "gated-glu")", {"feed_forward_proj"});
  ExpectRefused(R"("feed_forward_proj": "wide-relu")", {"feed_forward_proj"});
  ExpectRefused(R"("feed_forward_proj": "gated-gelu-x")",
                {"feed_forward_proj"});
  ExpectRefused(R"("feed_forward_proj": true)", {"want a string"});
  ExpectRefused(R"("feed_forward_proj": "relu", "is_gated_act": true)",
                {"is_gated_act", "found true"});
  ExpectRefused(R"("feed_forward_proj": "gated-gelu", "is_gated_act": false)",
                {"is_gated_act", "found false"});
  ExpectRefused(R"("dense_act_fn": "silu")", {"dense_act_fn", "silu"});
  ExpectRefused(R"("feed_forward_proj": "gated-gelu", "dense_act_fn": "gelu")",
                {"dense_act_fn", "gelu"});
  ExpectRefused(R"("layer_norm_epsilon": 0)", {"above 0"});
  ExpectRefused(R"("layer_norm_epsilon": -1e-6)", {"above 0"});
  ExpectRefused(R"("layer_norm_epsilon": 1e-60)", {"above 0"});
  ExpectRefused(R"("layer_norm_epsilon": 2)", {"up to 1"});
  ExpectRefused(R"("vocab_size": 9, "pad_token_id": 9)", {"[0, 8], found 9"});
  ExpectRefused(R"("tie_encoder_decoder": true)", {"not supported"});
  ExpectRefused(R"("tie_word_embeddings": 1)", {"want true or false"});
}

TEST_F(T5ConfigTest, RefusesAnotherModelType) {
  ExpectError([&] { Read("", "longt5"); },
              {R"(key "model_type": want one of "t5", "mt5", "umt5")",
               R"(found "longt5")"});
}

}  // namespace
}  // namespace tessera::models
