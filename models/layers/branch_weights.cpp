// Reads the weights of multi-branch attention.
#include "models/layers/branch_weights.h"

#include "models/layers/attention.h"
#include "models/layers/linear.h"

namespace tessera::models {
namespace {

BranchWeights::Block ReadBlock(WeightReader& reader, const std::string& name,
                               const StackShape& shape) {
  const std::size_t hidden = shape.branch_width();
  BranchWeights::Block block;
  block.fc1 = ReadMatrix(
      reader, name + ".fc1",
      {.outputs = hidden, .inputs = shape.width, .columns = shape.columns});
  block.fc1_bias = reader.Read(name + ".fc1.bias", {hidden});
  block.fc2 = ReadMatrix(
      reader, name + ".fc2",
      {.outputs = shape.width, .inputs = hidden, .columns = shape.columns});
  block.fc2_bias = reader.Read(name + ".fc2.bias", {shape.width});
  if (shape.branches == Branches::kPaper) return block;
  block.norm_scale = reader.Read(name + ".layer_norm.weight", {shape.width});
  block.norm_offset = reader.Read(name + ".layer_norm.bias", {shape.width});
  return block;
}

}  // namespace

std::vector<float> BranchWeights::ScaledOutput(std::size_t head) const {
  std::vector<float> scaled(width * value_width);
  for (std::size_t d = 0; d < width; ++d) {
    for (std::size_t c = 0; c < value_width; ++c) {
      scaled[d * value_width + c] =
          kappa[head] * output[(d * heads + head) * value_width + c];
    }
  }
  return scaled;
}

std::vector<float> BranchWeights::ScaledOutputBias(std::size_t head) const {
  std::vector<float> scaled(width);
  for (std::size_t d = 0; d < width && !output_bias.empty(); ++d) {
    scaled[d] = kappa[head] * output_bias[head * width + d];
  }
  return scaled;
}

BranchWeights ReadBranches(WeightReader& reader, const std::string& layer,
                           const std::string& attention,
                           const StackShape& shape) {
  const std::size_t heads = shape.attention.heads;
  const std::string prefix = layer + ".branches.";
  BranchWeights weights = {.heads = heads,
                           .width = shape.width,
                           .value_width = shape.attention.value_width,
                           .hidden_width = shape.branch_width(),
                           .activation = shape.activation,
                           .norm = shape.norm};
  weights.kappa = reader.Read(prefix + "kappa", {heads});
  weights.alpha = reader.Read(prefix + "alpha", {heads});
  if (shape.branches != Branches::kJayParks667faad) {
    weights.output = ReadOutputProjection(reader, attention, shape);
    if (shape.attention.output_bias) {
      weights.output_bias =
          reader.Read(attention + ".out_proj.bias", {heads, shape.width});
    }
  }
  const std::size_t blocks = shape.shared_branches ? 1 : heads;
  for (std::size_t b = 0; b < blocks; ++b) {
    weights.blocks.push_back(ReadBlock(
        reader, prefix + (shape.shared_branches ? "shared" : std::to_string(b)),
        shape));
  }
  return weights;
}

}  // namespace tessera::models
