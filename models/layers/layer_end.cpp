// What follows attention in a layer.
#include "models/layers/layer_end.h"

#include "kernels/gemm/multiply.h"
#include "kernels/profile.h"

namespace tessera::models {

using kernels::PackedMatrix;
using kernels::Rows;

HeadOutput::HeadOutput(const MatrixSource& layer, std::string_view attention,
                       const StackShape& shape, Branches branches) {
  if (branches == Branches::kPaper) {
    form_.emplace<WeightedBranches>(layer, attention, shape);
  } else if (branches == Branches::kJayParksHead) {
    form_.emplace<NormalisedBranches>(layer, attention, shape);
  } else if (shape.attention.output) {
    // At 667faad, too, the branches come after the whole block.
    form_.emplace<PackedMatrix>(layer.Within(attention).Matrix(
        {{"output", shape.width}}, shape.attention.value_columns()));
  }
}

std::size_t HeadOutput::work_floats() const {
  if (const auto* paper = std::get_if<WeightedBranches>(&form_)) {
    return paper->work_floats();
  }
  const auto* normalised = std::get_if<NormalisedBranches>(&form_);
  return normalised ? normalised->work_floats() : 0;
}

Rows<const float> HeadOutput::Apply(Rows<const float> heads, float* work,
                                    Rows<float> out,
                                    kernels::ExecContext& context) const {
  if (const auto* matrix = std::get_if<PackedMatrix>(&form_)) {
    Multiply(heads, *matrix, {}, out, context);
  } else if (const auto* paper = std::get_if<WeightedBranches>(&form_)) {
    paper->Apply(heads, work, out, context);
  } else if (const auto* own = std::get_if<NormalisedBranches>(&form_)) {
    own->Apply(heads, work, out, context);
  } else {
    return heads;
  }
  return out;
}

LayerEnd::LayerEnd(const MatrixSource& layer, const StackShape& shape) {
  if (shape.branches == Branches::kNone) {
    feed_forward_.emplace(layer.Within("feed_forward"), shape);
    norm_.emplace(layer.Within("feed_forward.norm"), shape);
  } else if (shape.branches == Branches::kJayParks667faad) {
    branches_.emplace(layer, "", shape);
  }
}

std::size_t LayerEnd::work_floats() const {
  if (feed_forward_) return feed_forward_->work_floats();
  return branches_ ? branches_->work_floats() : 0;
}

void LayerEnd::Apply(Rows<float> x, float* work, Rows<float> normed,
                     Rows<float> out, kernels::ExecContext& context) const {
  const kernels::ProfileScope scope(context, {.block = "feed-forward"});
  if (feed_forward_) {
    feed_forward_->Apply(norm_->Input(x, normed, context), work, out, context);
    norm_->Finish(x, out, context);
  } else if (branches_) {
    branches_->Apply(x, work, out, context);
    AddRows({.x = out, .y = x}, context);
  }
}

}  // namespace tessera::models
