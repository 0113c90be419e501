// Reading, reordering and packing of tensors, or finding them packed.
#include "models/weights/matrix_source.h"

#include <algorithm>
#include <utility>

#include "kernels/context.h"
#include "kernels/gemm/multiply.h"
#include "models/weights/dtype.h"

namespace tessera::models {

using kernels::Dense;
using kernels::PackedMatrix;

struct MatrixSource::State {
  const Checkpoint* checkpoint;  // nullptr: `packed` has all
  const PackedFile* packed;
  TensorNames names;
  kernels::ElementType type;  // of what is packed
  PackedFileWriter* writer;
  bool making = false;  // a matrix, out of what no packed file needs to hold
  Totals totals = {};

  bool writes() const { return writer && !making; }
};

namespace {

// The order of axes in memory; heads that are summed come last.
constexpr std::string_view kOrder = "1OoIi+";

std::size_t OrderOf(char axis) { return kOrder.find(axis); }

// The sizes of a stored tensor.
std::vector<std::size_t> StoredShape(std::string_view axes, std::size_t outputs,
                                     std::size_t inputs, std::size_t heads) {
  const auto has = [&](char axis) {
    return axes.find(axis) != std::string_view::npos;
  };
  std::vector<std::size_t> shape;
  for (const char axis : axes) {
    if (axis == 'o') {
      shape.push_back(has('O') ? outputs / heads : outputs);
    } else if (axis == 'i') {
      shape.push_back(has('I') ? inputs / heads : inputs);
    } else {
      shape.push_back(axis == '1' ? 1 : heads);
    }
  }
  return shape;
}

// Values stored with these axes, in the order of kOrder.
std::vector<float> Ordered(std::vector<float> values, std::string_view axes,
                           const std::vector<std::size_t>& shape) {
  if (std::ranges::is_sorted(axes, {}, OrderOf)) return values;
  std::size_t sizes[kOrder.size()] = {1, 1, 1, 1, 1, 1};
  std::size_t strides[kOrder.size()] = {};
  std::size_t stride = 1;
  for (std::size_t i = axes.size(); i-- > 0;) {
    sizes[OrderOf(axes[i])] = shape[i];
    strides[OrderOf(axes[i])] = stride;
    stride *= shape[i];
  }
  const auto& [ones, out_heads, outs, in_heads, ins, sums] = sizes;
  std::vector<float> ordered;
  ordered.reserve(values.size() / sums);
  for (std::size_t o = 0; o < out_heads * outs; ++o) {
    const float* const row =
        &values[o / outs * strides[1] + o % outs * strides[2]];
    for (std::size_t h = 0; h < in_heads; ++h) {
      for (std::size_t i = 0; i < ins; ++i) {
        const float* const value = row + h * strides[3] + i * strides[4];
        float sum = *value;
        for (std::size_t s = 1; s < sums; ++s) sum += value[s * strides[5]];
        ordered.push_back(sum);
      }
    }
  }
  return ordered;
}

}  // namespace

MatrixSource::MatrixSource(const Checkpoint& checkpoint, TensorNames names,
                           kernels::ElementType type, PackedFileWriter* writer)
    : state_(std::make_shared<State>(State{.checkpoint = &checkpoint,
                                           .packed = nullptr,
                                           .names = std::move(names),
                                           .type = type,
                                           .writer = writer})) {}

MatrixSource::MatrixSource(const PackedFile& packed)
    : state_(std::make_shared<State>(State{.checkpoint = nullptr,
                                           .packed = &packed,
                                           .names = {},
                                           .type = packed.type(),
                                           .writer = nullptr})) {}

MatrixSource MatrixSource::Within(std::string_view scope) const {
  MatrixSource inner = *this;
  inner.scope_.append(scope) += '.';
  return inner;
}

TensorPlace MatrixSource::Find(std::string_view name,
                               std::string_view leaf) const {
  return FindPlace(state_->names, scope_ + std::string(name).append(leaf));
}

// The first name that is there, the first of all with its prefix if none is.
std::string MatrixSource::Stored(const std::vector<std::string>& names) const {
  const std::string& prefix = state_->names.prefix;
  for (const std::string& name : names) {
    if (state_->checkpoint->Find(prefix + name)) return prefix + name;
    if (state_->checkpoint->Find(name)) return name;
  }
  return names.empty() ? prefix : prefix + names.front();
}

PackedMatrix MatrixSource::Packed(
    const std::string& name, std::size_t outputs, std::size_t inputs,
    const std::function<PackedMatrix()>& make) const {
  State& state = *state_;
  PackedMatrix matrix;
  if (state.packed) {
    matrix = state.packed->Matrix(scope_ + name, outputs, inputs);
  } else {
    state.making = true;
    matrix = make();
    state.making = false;
  }
  if (state.writes()) state.writer->AddMatrix(scope_ + name, matrix);
  state.totals.packed_bytes += matrix.bytes();
  return matrix;
}

std::vector<float> MatrixSource::Floats(
    const std::string& name, std::size_t size,
    const std::function<std::vector<float>()>& read) const {
  if (state_->packed) return state_->packed->Floats(scope_ + name, size);
  std::vector<float> values = read();
  if (state_->writes()) state_->writer->AddFloats(scope_ + name, values);
  return values;
}

bool MatrixSource::Answer(const std::string& question,
                          const std::function<bool()>& ask) const {
  if (state_->packed) return state_->packed->Answer(question);
  const bool yes = ask();
  if (state_->writes()) state_->writer->AddAnswer(question, yes);
  return yes;
}

void MatrixSource::Count(const std::string& stored, std::size_t values) const {
  state_->totals.parameters += values;
  state_->totals.types.insert(Name(state_->checkpoint->Find(stored)->dtype));
}

void MatrixSource::CountCopies(const TensorPlace& place,
                               const std::string& stored) const {
  for (const std::string& copy : place.stored) {
    const std::string other = Stored({copy});
    if (other == stored || !state_->checkpoint->Find(other)) continue;
    if (state_->checkpoint->SameBytes(stored, other)) continue;
    state_->totals.differing.emplace(stored, other);
  }
}

std::vector<float> MatrixSource::Read(const std::string& stored,
                                      std::string_view axes,
                                      std::size_t outputs,
                                      std::size_t inputs) const {
  const auto shape = StoredShape(axes, outputs, inputs, state_->names.heads);
  std::vector<float> values = state_->checkpoint->Read(stored, shape);
  Count(stored, values.size());
  return Ordered(std::move(values), axes, shape);
}

std::vector<float> MatrixSource::ReadRows(const TensorPlace& place,
                                          std::size_t outputs,
                                          std::size_t inputs) const {
  if (place.stored.empty()) return std::vector<float>(outputs * inputs);
  const std::string stored = Stored(place.stored);
  const std::string& axes = place.rule->form.matrix;
  std::vector<float> rows = Read(stored, axes, outputs, inputs);
  CountCopies(place, stored);
  if (place.rule->zero_row) {
    std::fill_n(&rows[*place.rule->zero_row * inputs], inputs, 0.0f);
  }
  if (place.first.empty()) return rows;
  // Read across, `first` is its own transpose.
  const std::string across(axes.rbegin(), axes.rend());
  const auto first = Read(Stored({place.first}), across, inputs, inputs);
  return Product(Dense<const float>(rows.data(), outputs, inputs),
                 Dense(first.data(), inputs, inputs));
}

std::vector<float> MatrixSource::Rows(std::string_view name,
                                      std::size_t outputs,
                                      std::size_t inputs) const {
  return Floats(std::string(name) + ".weight", outputs * inputs, [&] {
    return ReadRows(Find(name, ".weight"), outputs, inputs);
  });
}

std::vector<float> MatrixSource::ReadVector(std::string_view name,
                                            std::size_t size) const {
  const TensorPlace place = Find(name, "");
  const TensorRule& rule = *place.rule;
  if (rule.stored.empty() || rule.form.vector.empty()) {
    return std::vector<float>(size);
  }
  const std::string stored = Stored(place.stored);
  if (rule.optional && !state_->checkpoint->Find(stored)) {
    return std::vector<float>(size);
  }
  return Read(stored, rule.form.vector, size, 1);
}

std::vector<float> MatrixSource::Vector(std::string_view name,
                                        std::size_t size) const {
  return Floats(std::string(name), size,
                [&] { return ReadVector(name, size); });
}

void MatrixSource::PackRows(const Part& part, std::size_t first,
                            PackedMatrix& matrix) const {
  const TensorPlace place = Find(part.name, ".weight");
  const std::string stored = Stored(place.stored);
  const std::size_t outputs = part.outputs, inputs = matrix.inputs();
  const TensorInfo* const info = state_->checkpoint->Find(stored);
  if (place.rule->form.matrix != "oi" || !place.first.empty() ||
      place.rule->zero_row || !info || !info->strides.empty()) {
    const auto rows = ReadRows(place, outputs, inputs);
    return matrix.SetRows(first, Dense(rows.data(), outputs, inputs));
  }
  // Slices that stay in the second-level cache, of whole panels.
  constexpr std::size_t kValues = std::size_t{64} << 10, kRows = 64;
  const std::size_t most =
      std::max(kValues / std::max(inputs, kRows) / kRows * kRows, kRows);
  std::vector<float> slice(std::min(most, outputs) * inputs);
  const std::size_t shape[] = {outputs, inputs};
  for (std::size_t row = 0; row < outputs; row += most) {
    const std::size_t count = std::min(most, outputs - row);
    state_->checkpoint->ReadPart(stored, shape, row * inputs,
                                 std::span(slice).first(count * inputs));
    matrix.SetRows(first + row,
                   Dense<const float>(slice.data(), count, inputs));
  }
  Count(stored, outputs * inputs);
  CountCopies(place, stored);
}

PackedMatrix MatrixSource::Matrix(std::initializer_list<Part> parts,
                                  std::size_t inputs) const {
  std::size_t outputs = 0;
  std::string name;
  for (const Part& part : parts) {
    if (!name.empty()) name += '+';
    name += part.name;
    outputs += part.outputs;
    if (state_->packed) continue;
    const TensorPlace place = Find(part.name, ".weight");
    state_->checkpoint->Check(Stored(place.stored),
                              StoredShape(place.rule->form.matrix, part.outputs,
                                          inputs, state_->names.heads));
  }
  return Packed(name, outputs, inputs, [&] {
    PackedMatrix matrix(outputs, inputs, state_->type);
    std::size_t first = 0;
    for (const Part& part : parts) {
      PackRows(part, first, matrix);
      const auto bias_of = part.bias_of.empty() ? part.name : part.bias_of;
      matrix.SetBias(first, Bias(bias_of, part.outputs));
      first += part.outputs;
    }
    return matrix;
  });
}

PackedMatrix MatrixSource::Made(std::string_view name, std::size_t outputs,
                                std::size_t inputs,
                                const std::function<Plain()>& make) const {
  return Packed(std::string(name), outputs, inputs, [&] {
    const Plain plain = make();
    PackedMatrix matrix(outputs, inputs, state_->type);
    matrix.SetRows(0, Dense(plain.rows.data(), outputs, inputs));
    matrix.SetBias(0, plain.bias);
    return matrix;
  });
}

bool MatrixSource::HasMatrix(std::string_view name) const {
  return Answer("has " + scope_ + std::string(name), [&]() -> bool {
    return state_->checkpoint->Find(Stored(Find(name, ".weight").stored));
  });
}

bool MatrixSource::SameMatrix(std::string_view a, std::string_view b) const {
  const std::string question =
      "one " + scope_ + std::string(a) + ", " + scope_ + std::string(b);
  return Answer(question, [&] {
    const auto names = Find(a, ".weight").stored;
    const auto others = Find(b, ".weight").stored;
    if (std::ranges::find_first_of(names, others) == names.end()) return false;
    const std::string stored = Stored(names), other = Stored(others);
    return stored == other || !state_->checkpoint->Find(other) ||
           state_->checkpoint->SameBytes(stored, other);
  });
}

const MatrixSource::Totals& MatrixSource::totals() const {
  return state_->totals;
}

std::vector<float> Product(kernels::Rows<const float> a,
                           kernels::Rows<const float> b) {
  PackedMatrix matrix(b.rows, b.cols);
  matrix.SetRows(0, b);
  std::vector<float> product(a.rows * b.rows);
  kernels::ExecContext context;
  Multiply(a, matrix, {}, Dense(product.data(), a.rows, b.rows), context);
  return product;
}

}  // namespace tessera::models
