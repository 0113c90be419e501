// What follows the attention blocks of a layer.
#include "models/layers/layer_end.h"

namespace tessera::models {

using kernels::Rows;

LayerEnd::LayerEnd(WeightReader& reader, const std::string& layer,
                   const StackShape& shape) {
  if (shape.branches == Branches::kNone) {
    feed_forward_.emplace(reader, layer, shape);
    norm_.emplace(reader, layer + ".final_layer_norm", shape);
  } else if (shape.branches == Branches::kJayParks667faad) {
    branches_.emplace(ReadBranches(reader, layer, "", shape));
  }
}

std::size_t LayerEnd::work_floats() const {
  if (feed_forward_) return feed_forward_->work_floats();
  return branches_ ? branches_->work_floats() : 0;
}

void LayerEnd::Apply(Rows<float> x, float* work, Rows<float> normed,
                     Rows<float> out, kernels::ExecContext& context) const {
  if (feed_forward_) {
    feed_forward_->Apply(norm_->Input(x, normed, context), work, out, context);
    norm_->Finish(x, out, context);
  } else if (branches_) {
    branches_->Apply(x, work, out, context);
    AddRows({.x = out, .y = x}, context);
  }
}

std::size_t LayerEnd::bytes() const {
  if (feed_forward_) return feed_forward_->bytes();
  return branches_ ? branches_->bytes() : 0;
}

}  // namespace tessera::models
