// TransformerConfig: defaults, every key, and how folders of the family differ.
#include "models/config/transformer_config.h"

#include <gtest/gtest.h>

#include "tests/models/golden.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

using kernels::Activation;
using kernels::Normaliser;
using kernels::NormKind;

constexpr const char* kSizes = R"("model_type": "tessera_transformer",
  "d_model": 12, "num_heads": 3, "ffn_dim": 18, "encoder_layers": 2,
  "decoder_layers": 1, "source_vocab_size": 20, "target_vocab_size": 20,
  "max_source_positions": 30, "max_target_positions": 40, "pad_token_id": 4)";

TransformerConfig Read(const std::string& more) {
  const TestFolder folder;
  folder.Write("config.json", "{" + std::string(kSizes) +
                                  (more.empty() ? "" : ", " + more) + "}");
  return ReadTransformerConfig(ModelFolder(folder.path()));
}

TEST(TransformerConfigTest, DefaultsAreTheTransformer) {
  const TransformerConfig c = Read("");
  EXPECT_EQ(c.encoder.layers, 2u);
  EXPECT_EQ(c.decoder.layers, 1u);
  EXPECT_EQ(c.encoder.width, 12u);
  EXPECT_EQ(c.encoder.hidden_width, 18u);
  EXPECT_EQ(c.encoder.activation, Activation::kRelu);
  EXPECT_EQ(c.encoder.attention.heads, 3u);
  EXPECT_EQ(c.encoder.attention.key_width, 4u);
  EXPECT_EQ(c.encoder.attention.value_width, 4u);
  EXPECT_EQ(c.encoder.attention.score, Score::kScaledDot);
  EXPECT_TRUE(c.storage.attention_bias);
  EXPECT_TRUE(c.encoder.attention.output);
  EXPECT_TRUE(c.storage.projection_bias);
  EXPECT_FALSE(c.encoder.norm.first);
  EXPECT_EQ(c.encoder.norm.epsilon, 1e-5f);
  EXPECT_EQ(c.encoder.branches, Branches::kNone);
  EXPECT_EQ(c.positions, Positions::kSinusoid);
  EXPECT_TRUE(c.scale_embedding);
  EXPECT_EQ(c.pad_keys, PadKeys::kMasked);
  EXPECT_TRUE(c.share_embeddings);
  EXPECT_TRUE(c.tie_output);
  EXPECT_FALSE(c.output_bias);
  EXPECT_EQ(c.pad_token_id, 4);
  EXPECT_EQ(c.max_source_positions, 30u);
  EXPECT_EQ(c.max_target_positions, 40u);
  EXPECT_TRUE(c.switches.empty());
}

TEST(TransformerConfigTest, ReadsEverySwitch) {
  const TransformerConfig c = Read(R"("key_width": 5, "value_width": 7,
    "norm_position": "post", "norm_form": "unbiased", "norm_epsilon": 1e-6,
    "positions": "learned", "position_offset": 1, "positions_skip_zeros": true,
    "scale_embedding": false, "zero_pad_embedding": true, "pad_keys": "seen",
    "fill_source": true, "attention_bias": false,
    "attention_activation": "relu", "output_projection": true,
    "output_projection_bias": false, "score": "additive", "normaliser": "relu",
    "projection_storage": "two_step", "weight_storage": "column",
    "activation_function": "gelu", "share_embeddings": false,
    "tie_output": false, "output_bias": true, "branches": "jayparks_667faad",
    "branch_ffn": "shared")");
  const StackShape& shape = c.decoder;
  EXPECT_EQ(shape.attention.key_width, 5u);
  EXPECT_EQ(shape.attention.value_width, 7u);
  EXPECT_EQ(shape.norm.kind, NormKind::kUnbiased);
  EXPECT_EQ(shape.norm.epsilon, 1e-6f);
  EXPECT_EQ(c.positions, Positions::kLearned);
  EXPECT_EQ(c.position_offset, 1u);
  EXPECT_TRUE(c.positions_skip_zeros);
  EXPECT_FALSE(c.scale_embedding);
  EXPECT_TRUE(c.zero_pad_embedding);
  EXPECT_EQ(c.pad_keys, PadKeys::kSeen);
  EXPECT_TRUE(c.fill_source);
  EXPECT_FALSE(c.storage.attention_bias);
  EXPECT_EQ(shape.attention.activation, Activation::kRelu);
  EXPECT_FALSE(c.storage.projection_bias);
  EXPECT_EQ(shape.attention.score, Score::kAdditive);
  EXPECT_EQ(shape.attention.normaliser, Normaliser::kRelu);
  EXPECT_EQ(c.storage.heads, HeadStorage::kTwoStep);
  EXPECT_TRUE(c.storage.columns);
  EXPECT_EQ(shape.activation, Activation::kGeluErf);
  EXPECT_FALSE(c.share_embeddings);
  EXPECT_FALSE(c.tie_output);
  EXPECT_TRUE(c.output_bias);
  EXPECT_EQ(shape.branches, Branches::kJayParks667faad);
  EXPECT_TRUE(shape.shared_branches);
  EXPECT_EQ(c.switches.size(), 24u);
}

TEST(TransformerConfigTest, WithoutOutputProjectionThereIsNoBiasOfIt) {
  const TransformerConfig c = Read(R"("output_projection": false)");
  EXPECT_FALSE(c.encoder.attention.output);
  EXPECT_FALSE(c.storage.projection_bias);
}

}  // namespace
}  // namespace tessera::models
