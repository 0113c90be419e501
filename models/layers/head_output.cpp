// The end of an attention block.
#include "models/layers/head_output.h"

namespace tessera::models {

using kernels::PackedMatrix;
using kernels::Rows;

HeadOutput::HeadOutput(const MatrixSource& layer, std::string_view attention,
                       const StackShape& shape, Branches branches) {
  if (branches == Branches::kPaper) {
    form_.emplace<WeightedBranches>(ReadBranches(layer, attention, shape));
  } else if (branches == Branches::kJayParksHead) {
    form_.emplace<NormalisedBranches>(ReadBranches(layer, attention, shape));
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
    Multiply(heads, *matrix, kernels::Activation::kIdentity, out, context);
  } else if (const auto* paper = std::get_if<WeightedBranches>(&form_)) {
    paper->Apply(heads, work, out, context);
  } else if (const auto* own = std::get_if<NormalisedBranches>(&form_)) {
    own->Apply(heads, work, out, context);
  } else {
    return heads;
  }
  return out;
}

std::size_t HeadOutput::bytes() const {
  return std::visit(
      [](const auto& form) -> std::size_t {
        if constexpr (std::is_same_v<std::decay_t<decltype(form)>,
                                     std::monostate>) {
          return 0;
        } else {
          return form.bytes();
        }
      },
      form_);
}

}  // namespace tessera::models
