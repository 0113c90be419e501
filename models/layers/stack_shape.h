// What the layers of a stack are made of: sizes, and the choices that published
// systems make differently. models/README.md tells what each means.
#ifndef TESSERA_MODELS_LAYERS_STACK_SHAPE_H_
#define TESSERA_MODELS_LAYERS_STACK_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/activation/activation.h"
#include "kernels/attention/shape.h"
#include "kernels/norm/norm.h"

namespace tessera::models {

enum class Score : std::uint8_t { kScaledDot, kDot, kAdditive };

// One multi-head attention. The defaults are those of the Transformer.
struct AttentionForm {
  std::size_t heads = 0;        // H
  std::size_t key_width = 0;    // K
  std::size_t value_width = 0;  // C
  Score score = Score::kScaledDot;
  kernels::Normaliser normaliser = kernels::Normaliser::kSoftmax;
  kernels::Activation activation = kernels::Activation::kIdentity;  // theirs
  bool output = true;  // W^O; without it H * C is D

  std::size_t key_columns() const { return heads * key_width; }
  std::size_t value_columns() const { return heads * value_width; }
  // score_weights: f32 [H, K] of additive scores, which outlive the shape.
  kernels::AttentionShape shape(const std::vector<float>& score_weights) const;
};

struct NormForm {
  bool first = false;  // pre-norm
  kernels::NormKind kind = kernels::NormKind::kLayer;
  float epsilon = 1e-5f;
  float factor = 1;  // of what comes out, folded into the scale
};

// Biases of self-attention by distance: relative_bias.h.
struct RelativeBuckets {
  std::size_t count = 0;    // 0: there are none
  std::size_t reach = 0;    // what is farther shares a bucket
  bool both_ways = false;   // keys behind the query have buckets of their own
  bool each_layer = false;  // has weights of its own, not the first alone
};

// What a head's output goes through on its own: models/README.md.
enum class Branches : std::uint8_t {
  kNone,
  kPaper,
  kJayParksHead,
  kJayParks667faad
};

struct StackShape {
  std::size_t layers = 0;
  std::size_t width = 0;  // D
  AttentionForm attention = {};
  std::size_t hidden_width = 0;  // F
  kernels::Activation activation = kernels::Activation::kRelu;
  bool gated = false;  // act(in(x)) * gate(x) in place of act(in(x))
  NormForm norm = {};
  float last_factor = 1;  // of the states that leave, behind their norm
  RelativeBuckets relative = {};
  Branches branches = Branches::kNone;
  bool shared_branches = false;  // one feed-forward block for all branches

  // F of one branch.
  std::size_t branch_width() const {
    return shared_branches ? hidden_width : hidden_width / attention.heads;
  }
  // The end of a layer: a feed-forward block, branches of all, or nothing.
  bool has_feed_forward() const { return branches == Branches::kNone; }
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_STACK_SHAPE_H_
