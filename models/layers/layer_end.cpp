// What follows the attention blocks of a layer.
#include "models/layers/layer_end.h"

#include <algorithm>

namespace tessera::models {

using kernels::Rows;

LayerEnd::LayerEnd(const MatrixSource& layer, const StackShape& shape) {
  if (shape.branches == Branches::kNone) {
    feed_forward_.emplace(layer.Within("feed_forward"), shape);
    norm_.emplace(layer.Within("feed_forward.norm"), shape);
  } else if (shape.branches == Branches::kJayParks667faad) {
    branches_.emplace(ReadBranches(layer, "", shape));
  }
}

std::size_t LayerEnd::work_floats() const {
  if (feed_forward_) return feed_forward_->work_floats();
  return branches_ ? branches_->work_floats() : 0;
}

void LayerEnd::Apply(Rows<float> x, float* work, Rows<float> normed,
                     Rows<float> out, kernels::ExecContext& context) const {
  if (feed_forward_) {
    feed_forward_->Apply(norm_->Input(x, normed), work, out, context);
    norm_->Finish(x, out);
  } else if (branches_) {
    branches_->Apply(x, work, out, context);
    for (std::size_t r = 0; r < x.rows; ++r) {
      std::copy_n(out[r], x.cols, x[r]);
    }
  }
}

std::size_t LayerEnd::bytes() const {
  if (feed_forward_) return feed_forward_->bytes();
  return branches_ ? branches_->bytes() : 0;
}

}  // namespace tessera::models
