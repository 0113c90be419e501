// Folders of the family that are wrong in one way each: the error says where,
// what was wanted and what was found.
#include <gtest/gtest.h>

#include <fstream>

#include "models/model.h"
#include "tests/models/golden.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

using nlohmann::json;

// A golden folder with some keys of config.json replaced; null removes one.
struct Case {
  std::string name;
  std::string model;
  json changes;
  std::vector<std::string> message;
};

void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }

std::vector<Case> Cases() {
  const char* const vanilla = "vanilla_post";
  const char* const weighted = "paper_split";
  std::vector<Case> cases = {
      {"UnknownSwitch", vanilla, {{"norm_place", "post"}}, {"\"norm_place\""}},
      {"MisspeltSwitch", vanilla, {{"Score", "dot"}}, {"\"Score\""}},
      {"KeyOfMarian", vanilla, {{"encoder_ffn_dim", 33}}, {"encoder_ffn_dim"}},
      {"NormPosition",
       vanilla,
       {{"norm_position", "before"}},
       {"norm_position", "post, pre", "before"}},
      {"NormPositionBoolean",
       vanilla,
       {{"norm_position", true}},
       {"norm_position"}},
      {"NormForm",
       vanilla,
       {{"norm_form", "rms"}},
       {"norm_form", "population, unbiased", "rms"}},
      {"EpsilonZero", vanilla, {{"norm_epsilon", 0}}, {"norm_epsilon"}},
      {"EpsilonNegative", vanilla, {{"norm_epsilon", -1e-5}}, {"norm_epsilon"}},
      {"EpsilonLarge", vanilla, {{"norm_epsilon", 2}}, {"norm_epsilon"}},
      {"EpsilonVanishes", vanilla, {{"norm_epsilon", 1e-60}}, {"norm_epsilon"}},
      {"EpsilonText", vanilla, {{"norm_epsilon", "1e-5"}}, {"norm_epsilon"}},
      {"Positions",
       vanilla,
       {{"positions", "rotary"}},
       {"positions", "sinusoid_half", "rotary"}},
      {"OffsetWithoutPositions",
       vanilla,
       {{"positions", "none"}, {"position_offset", 1}},
       {"position_offset", "\"none\""}},
      {"OffsetNegative",
       vanilla,
       {{"position_offset", -1}},
       {"position_offset"}},
      {"SkipZerosWithoutPositions",
       vanilla,
       {{"positions", "none"}, {"positions_skip_zeros", true}},
       {"positions_skip_zeros"}},
      {"PositionsBeyondMemory",
       vanilla,
       {{"max_source_positions", 1000000}, {"d_model", 65535}},
       {"max_source_positions"}},
      {"OffsetBeyondMemory",
       vanilla,
       {{"position_offset", 1000000}, {"d_model", 65535}},
       {"positions"}},
      {"LearnedWithoutTable",
       vanilla,
       {{"positions", "learned"}},
       {"encoder.embed_positions.weight", "found no tensor"}},
      {"FilledPositionsBeyondTime",
       vanilla,
       {{"fill_source", true},
        {"pad_keys", "seen"},
        {"max_source_positions", 4097}},
       {"max_source_positions", "at most 4096", "fill_source"}},
      {"FilledPositionsOfAMillion",
       vanilla,
       {{"fill_source", true},
        {"pad_keys", "seen"},
        {"max_source_positions", 1000000}},
       {"max_source_positions"}},
      {"PositionsOf64MiB",
       vanilla,
       {{"max_source_positions", 1000000}, {"d_model", 20}},
       {"max_source_positions"}},
      {"PadKeys", vanilla, {{"pad_keys", "hidden"}}, {"pad_keys", "masked"}},
      {"FadingMaskOfVectors",
       vanilla,
       {{"pad_keys", "first_layer"}},
       {"pad_keys", "zero_pad_embedding"}},
      {"FillMasked",
       vanilla,
       {{"fill_source", true}},
       {"fill_source", "\"pad_keys\""}},
      {"BiasNumber", vanilla, {{"attention_bias", 1}}, {"attention_bias"}},
      {"AttentionActivation",
       vanilla,
       {{"attention_activation", "gelu"}},
       {"attention_activation", "none, relu"}},
      {"NoProjectionOfOtherWidth",
       vanilla,
       {{"output_projection", false}, {"value_width", 7}},
       {"output_projection", "is not d_model"}},
      {"BiasOfNoProjection",
       vanilla,
       {{"output_projection", false}, {"output_projection_bias", true}},
       {"output_projection_bias"}},
      {"Score", vanilla, {{"score", "cosine"}}, {"score", "scaled_dot, dot"}},
      {"AdditiveWithoutWeights",
       vanilla,
       {{"score", "additive"}},
       {"self_attn.score.weight", "found no tensor"}},
      {"Normaliser",
       vanilla,
       {{"normaliser", "sparsemax"}},
       {"normaliser", "softmax, relu"}},
      {"ProjectionStorage",
       vanilla,
       {{"projection_storage", "interleaved"}},
       {"projection_storage"}},
      {"TwoStepWithoutFirst",
       vanilla,
       {{"projection_storage", "two_step"}},
       {"q_proj.first.weight", "found no tensor"}},
      {"PerHeadOfFused",
       vanilla,
       {{"projection_storage", "per_head"}},
       {"self_attn.q_proj.weight", "want", "found"}},
      {"WeightStorage",
       vanilla,
       {{"weight_storage", "rows"}},
       {"weight_storage", "row, column"}},
      {"ColumnsOfRows",
       vanilla,
       {{"weight_storage", "column"}},
       {"want", "found"}},
      {"Activation",
       vanilla,
       {{"activation_function", "maxout"}},
       {"activation_function", "maxout"}},
      {"SharedOfTwoSizes",
       vanilla,
       {{"target_vocab_size", 36}},
       {"target_vocab_size", "share_embeddings"}},
      {"SeparateWithoutTables",
       vanilla,
       {{"share_embeddings", false}},
       {"embed_tokens.weight", "found no tensor"}},
      {"UntiedWithoutOutput",
       vanilla,
       {{"tie_output", false}},
       {"lm_head.weight", "found no tensor"}},
      {"BiasWithoutTensor",
       vanilla,
       {{"output_bias", true}},
       {"lm_head.bias", "found no tensor"}},
      {"PreNormWithoutLastNorm",
       vanilla,
       {{"norm_position", "pre"}},
       {"encoder.layer_norm.", "found no tensor"}},
      {"Branches", vanilla, {{"branches", "many"}}, {"branches", "paper"}},
      {"BranchBlocksWithoutBranches",
       vanilla,
       {{"branch_ffn", "split"}},
       {"branch_ffn", "no branches"}},
      {"BranchBlocks",
       weighted,
       {{"branch_ffn", "both"}},
       {"branch_ffn", "split, shared"}},
      {"BranchesWithoutProjection",
       weighted,
       {{"output_projection", false}, {"output_projection_bias", false}},
       {"output_projection"}},
      {"BranchesOfJayParksBefore",
       weighted,
       {{"branches", "jayparks_head"}, {"norm_position", "pre"}},
       {"norm_position", "jayparks_head"}},
      {"BranchesOfPartWidth",
       weighted,
       {{"ffn_dim", 31}},
       {"ffn_dim", "multiple of num_heads"}},
      {"BranchesWithoutTensors",
       vanilla,
       {{"branches", "paper"}, {"ffn_dim", 35}},
       {"branches.kappa", "found no tensor"}},
      {"NoWidth", vanilla, {{"d_model", nullptr}}, {"d_model", "no such key"}},
      {"NoHeads", vanilla, {{"num_heads", nullptr}}, {"num_heads"}},
      {"HeadsDoNotDivide",
       vanilla,
       {{"num_heads", 3}},
       {"num_heads", "divisor of d_model = 20"}},
      {"ZeroKeyWidth", vanilla, {{"key_width", 0}}, {"key_width"}},
      {"HugeKeyWidth", vanilla, {{"key_width", 1048577}}, {"key_width"}},
      {"NoLayers", vanilla, {{"encoder_layers", 0}}, {"encoder_layers"}},
      {"LayerMore",
       vanilla,
       {{"decoder_layers", 2}},
       {"decoder.layers.1", "found no tensor"}},
      {"VocabularyMore",
       vanilla,
       {{"source_vocab_size", 38}, {"target_vocab_size", 38}},
       {"shared.weight", "[38, 20]", "[37, 20]"}},
      {"PaddingOutside", vanilla, {{"pad_token_id", 37}}, {"pad_token_id"}},
      {"NoPadding", vanilla, {{"pad_token_id", nullptr}}, {"pad_token_id"}},
      {"HugeFeedForward",
       vanilla,
       {{"ffn_dim", 1048576}},
       {"fc1.weight", "[1048576, 20]"}},
      {"HugeHeads",
       vanilla,
       {{"num_heads", 1024}, {"key_width", 1024}},
       {"q_proj.weight", "[1048576, 20]"}},
  };
  return cases;
}

class BadTransformerTest : public testing::TestWithParam<Case> {};

TEST_P(BadTransformerTest, IsRefusedWithTheReason) {
  const Case& tested = GetParam();
  const auto source = GoldenFolder() / "family" / tested.model;
  const TestFolder folder;
  for (const char* file : {"generation_config.json", "model.safetensors"}) {
    std::filesystem::copy_file(source / file, folder.path() / file);
  }
  json config = ReadGoldenJson(source / "config.json");
  for (const auto& [key, value] : tested.changes.items()) {
    if (value.is_null()) {
      config.erase(key);
    } else {
      config[key] = value;
    }
  }
  folder.Write("config.json", config.dump());
  try {
    LoadModel(ModelFolder(folder.path()));
    FAIL() << "loaded";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const std::string& part : tested.message) {
      EXPECT_NE(message.find(part), std::string::npos)
          << "no " << part << " in: " << message;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, BadTransformerTest, testing::ValuesIn(Cases()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tessera::models
