// The end of an attention block.
#include "models/layers/head_output.h"

#include <utility>
#include <vector>

#include "kernels/gemm/multiply.h"
#include "models/layers/attention.h"

namespace tessera::models {

using kernels::PackedMatrix;
using kernels::Rows;

namespace {

// At 667faad the branches come after the whole block: it has one bias.
std::vector<float> ReadOutputBias(WeightReader& reader, const std::string& name,
                                  const StackShape& shape, bool per_head) {
  if (!per_head) return reader.Read(name, {shape.width});
  const auto biases = reader.Read(name, {shape.attention.heads, shape.width});
  std::vector<float> sum(shape.width);
  for (std::size_t i = 0; i < biases.size(); ++i) {
    sum[i % shape.width] += biases[i];
  }
  return sum;
}

PackedMatrix LoadProjection(WeightReader& reader, const std::string& attention,
                            const StackShape& shape, Branches branches) {
  const auto weight = ReadOutputProjection(reader, attention, shape);
  const std::size_t inputs = shape.attention.value_columns();
  PackedMatrix matrix(shape.width, inputs);
  matrix.SetRows(0, kernels::Dense(weight.data(), shape.width, inputs));
  if (shape.attention.output_bias) {
    matrix.SetBias(0, ReadOutputBias(reader, attention + ".out_proj.bias",
                                     shape, branches != Branches::kNone));
  }
  return matrix;
}

}  // namespace

HeadOutput::HeadOutput(WeightReader& reader, const std::string& layer,
                       const std::string& attention, const StackShape& shape,
                       Branches branches) {
  if (branches == Branches::kPaper) {
    form_.emplace<WeightedBranches>(
        ReadBranches(reader, layer, attention, shape));
  } else if (branches == Branches::kJayParksHead) {
    form_.emplace<NormalisedBranches>(
        ReadBranches(reader, layer, attention, shape));
  } else if (shape.attention.output) {
    form_.emplace<PackedMatrix>(
        LoadProjection(reader, attention, shape, branches));
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
