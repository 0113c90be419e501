// The layouts of levels, and packing into them.
#include "kernels/gemm/packed_matrix.h"

#include <tessera/error.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace tessera::kernels {
namespace {

constexpr std::size_t RoundUp(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

// Sums of K products of a byte and one that was moved to [0, 255] fit 32 bits.
constexpr std::size_t kMostIntegerInputs = std::size_t{1} << 16;

// Of W for a product. Throws std::bad_alloc where sizes would overflow.
MatrixLayout LayoutOf(std::size_t outputs, std::size_t inputs,
                      const ProductKernel& product) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  if (outputs > kMost || inputs > kMost) throw std::bad_alloc();
  if (product.w == ElementType::kS8 && inputs > kMostIntegerInputs) {
    throw Error("PackedMatrix: want at most " +
                std::to_string(kMostIntegerInputs) +
                " inputs of an int8 matrix, found " + std::to_string(inputs));
  }
  return {.outputs = outputs,
          .inputs = inputs,
          .panel_stride =
              RoundUp(inputs, product.input_unit) * product.panel_columns,
          .panel_columns = product.panel_columns,
          .inner = product.inner,
          .type = product.w};
}

// Where parts of the storage begin, and its size.
struct Parts {
  std::size_t scales, bias, end;  // bytes
};
Parts PartsOf(const MatrixLayout& w) {
  const std::size_t columns = RoundUp(w.outputs, w.panel_columns);
  const std::size_t vector = columns * sizeof(float);
  const std::size_t scales =
      columns / w.panel_columns * w.panel_stride * BytesOf(w.type);
  const std::size_t bias = scales + (w.type == ElementType::kS8 ? vector : 0);
  return {scales, bias, bias + vector};
}

// Copies the groups of one output, of kBytes each, to its place in a matrix of
// the same layout.
template <std::size_t kBytes>
void CopyGroups(const MatrixLayout& w, const std::byte* from, std::byte* to) {
  const std::size_t stride = w.panel_columns * kBytes;
  const std::size_t bytes = w.panel_stride * BytesOf(w.type);
  for (std::size_t at = 0; at < bytes; at += stride) {
    std::memcpy(to + at, from + at, kBytes);
  }
}

// Where the first group of an output lies, in bytes.
std::size_t PlaceOf(const MatrixLayout& w, std::size_t output) {
  return (output / w.panel_columns * w.panel_stride +
          output % w.panel_columns * w.inner) *
         BytesOf(w.type);
}

void CopyOutput(const MatrixLayout& w, const std::byte* from, std::byte* to) {
  const std::size_t bytes = w.inner * BytesOf(w.type);
  if (bytes == 4) return CopyGroups<4>(w, from, to);
  if (bytes == 2) return CopyGroups<2>(w, from, to);
  CopyGroups<1>(w, from, to);
}

// Transposes rows that lie side by side in one panel, a few inputs at a time:
// what is written (4 KiB) stays in the first-level cache.
void PackIntoPanel(Rows<const float> rows, std::size_t panel_columns,
                   float* panel) {
  constexpr std::size_t kInputs = 16;
  for (std::size_t k = 0; k < rows.cols; k += kInputs) {
    const std::size_t end = std::min(k + kInputs, rows.cols);
    for (std::size_t c = 0; c < rows.rows; ++c) {
      for (std::size_t i = k; i < end; ++i) {
        panel[i * panel_columns + c] = rows[c][i];
      }
    }
  }
}

}  // namespace

PackedMatrix::PackedMatrix(std::size_t outputs, std::size_t inputs,
                           const ProductKernel& product)
    : PackedMatrix(outputs, inputs, product,
                   Storage(BytesOf(outputs, inputs, product))) {}

std::size_t PackedMatrix::BytesOf(std::size_t outputs, std::size_t inputs,
                                  const ProductKernel& product) {
  return PartsOf(LayoutOf(outputs, inputs, product)).end;
}

PackedMatrix::PackedMatrix(std::size_t outputs, std::size_t inputs,
                           const ProductKernel& product, Storage storage)
    : storage_(std::move(storage)),
      layout_(LayoutOf(outputs, inputs, product)),
      product_(&product) {
  const std::span<const std::byte> bytes = storage_.bytes();
  const Parts parts = PartsOf(layout_);
  if (bytes.size() != parts.end ||
      reinterpret_cast<std::uintptr_t>(bytes.data()) % 64 != 0) {
    throw Error("PackedMatrix: want " + std::to_string(parts.end) +
                " bytes aligned to 64, found " + std::to_string(bytes.size()));
  }
  layout_.data = bytes.data();
  if (bytes.empty()) return;
  const auto floats = [&](std::size_t at) {
    return reinterpret_cast<const float*>(bytes.data() + at);
  };
  bias_ = floats(parts.bias);
  if (parts.bias > parts.scales) layout_.scales = floats(parts.scales);
}

void PackedMatrix::CheckWrite(const char* function, std::size_t first,
                              std::size_t count) {
  const std::string where = "PackedMatrix::" + std::string(function);
  if (first > outputs() || count > outputs() - first) {
    throw Error(where + ": want outputs below " + std::to_string(outputs()) +
                ", found " + std::to_string(count) + " from " +
                std::to_string(first));
  }
  if (count > 0 && !storage_.writable()) {
    throw Error(where + ": want memory of its own, found a mapped file");
  }
}

void PackedMatrix::SetRows(std::size_t first_output, Rows<const float> rows) {
  CheckWrite("SetRows", first_output, rows.rows);
  if (rows.cols != inputs()) {
    throw Error("PackedMatrix::SetRows: want rows of " +
                std::to_string(inputs()) + " inputs, found " +
                std::to_string(rows.cols));
  }
  const std::size_t columns = layout_.panel_columns;
  for (std::size_t r = 0; r < rows.rows;) {
    const std::size_t output = first_output + r;
    const std::size_t count =
        std::min(columns - output % columns, rows.rows - r);
    const Rows<const float> side_by_side = rows.Slice(r, count);
    if (layout_.type == ElementType::kS8) {
      SetIntegers(output, side_by_side);
    } else if (layout_.type == ElementType::kBf16) {
      SetHalves(output, side_by_side);
    } else {
      SetFloats(output, side_by_side);
    }
    r += count;
  }
}

template <class T>
T* PackedMatrix::PanelOf(std::size_t output) {
  return reinterpret_cast<T*>(storage_.writable()) +
         output / layout_.panel_columns * layout_.panel_stride;
}

void PackedMatrix::SetFloats(std::size_t first_output, Rows<const float> rows) {
  PackIntoPanel(
      rows, layout_.panel_columns,
      PanelOf<float>(first_output) + first_output % layout_.panel_columns);
}

void PackedMatrix::SetHalves(std::size_t first_output, Rows<const float> rows) {
  const std::size_t inner = layout_.inner, columns = layout_.panel_columns;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    Bf16* const column =
        PanelOf<Bf16>(first_output) + (first_output + r) % columns * inner;
    for (std::size_t k = 0; k < rows.cols; ++k) {
      column[k / inner * columns * inner + k % inner] = ToBf16(rows[r][k]);
    }
  }
}

void PackedMatrix::SetIntegers(std::size_t first_output,
                               Rows<const float> rows) {
  const std::size_t inner = layout_.inner, columns = layout_.panel_columns;
  const std::size_t stride = RoundUp(rows.cols, inner);
  std::vector<std::int8_t> integers(rows.rows * stride);
  std::vector<RowScale> scales(rows.rows);
  QuantizeRows(rows, {.data = integers.data(),
                      .rows = rows.rows,
                      .cols = rows.cols,
                      .stride = stride,
                      .scales = scales.data()});
  float* const all =
      reinterpret_cast<float*>(storage_.writable() + PartsOf(layout_).scales);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    all[first_output + r] = scales[r].scale;
    std::int8_t* const column = PanelOf<std::int8_t>(first_output) +
                                (first_output + r) % columns * inner;
    for (std::size_t k = 0; k < stride; k += inner) {
      std::copy_n(&integers[r * stride + k], inner, column + k * columns);
    }
  }
}

void PackedMatrix::SetBias(std::size_t first_output,
                           std::span<const float> bias) {
  CheckWrite("SetBias", first_output, bias.size());
  if (bias.empty()) return;
  float* const all =
      reinterpret_cast<float*>(storage_.writable() + PartsOf(layout_).bias);
  std::ranges::copy(bias, all + first_output);
}

PackedMatrix PackedMatrix::Select(std::span<const std::int32_t> chosen) const {
  PackedMatrix part(chosen.size(), inputs(), ForFewOutputs(product()));
  if (chosen.empty()) return part;
  std::byte* const to = part.storage_.writable();
  const Parts parts = PartsOf(part.layout_);
  auto* const scales = reinterpret_cast<float*>(to + parts.scales);
  auto* const biases = reinterpret_cast<float*>(to + parts.bias);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto output = static_cast<std::size_t>(chosen[i]);
    if (output >= outputs()) {
      throw Error("PackedMatrix::Select: want outputs below " +
                  std::to_string(outputs()) + ", found " +
                  std::to_string(chosen[i]));
    }
    CopyOutput(layout_, layout_.Data<std::byte>() + PlaceOf(layout_, output),
               to + PlaceOf(layout_, i));
    if (layout_.scales) scales[i] = layout_.scales[output];
    biases[i] = bias_[output];
  }
  return part;
}

}  // namespace tessera::kernels
