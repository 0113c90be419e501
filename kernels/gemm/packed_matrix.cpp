// The layouts of levels, and packing into them.
#include "kernels/gemm/packed_matrix.h"

#include <tessera/error.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

namespace tessera::kernels {
namespace {

constexpr std::size_t RoundUp(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

// Of W at a level. Throws std::bad_alloc where sizes would overflow.
MatrixLayout LayoutOf(std::size_t outputs, std::size_t inputs, Isa level) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  if (outputs > kMost || inputs > kMost) throw std::bad_alloc();
  const std::size_t columns = PanelColumns(level);
  const std::size_t stored =
      level >= Isa::kAvx512 ? RoundUp(inputs, 16) : inputs;
  return {.outputs = outputs,
          .inputs = inputs,
          .panel_stride = stored * columns,
          .panel_columns = columns};
}

std::size_t WeightBytes(const MatrixLayout& w) {
  return RoundUp(w.outputs, w.panel_columns) / w.panel_columns *
         w.panel_stride * BytesOf(w.type);
}

std::size_t StoredBytes(const MatrixLayout& w) {
  return WeightBytes(w) + RoundUp(w.outputs, w.panel_columns) * sizeof(float);
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

PackedMatrix::PackedMatrix(std::size_t outputs, std::size_t inputs, Isa level)
    : PackedMatrix(outputs, inputs,
                   Storage(StoredBytes(LayoutOf(outputs, inputs, level))),
                   level) {}

PackedMatrix::PackedMatrix(std::size_t outputs, std::size_t inputs,
                           Storage storage, Isa level)
    : storage_(std::move(storage)), layout_(LayoutOf(outputs, inputs, level)) {
  const std::span<const std::byte> bytes = storage_.bytes();
  if (bytes.size() != StoredBytes(layout_) ||
      reinterpret_cast<std::uintptr_t>(bytes.data()) % 64 != 0) {
    throw Error("PackedMatrix: want " + std::to_string(StoredBytes(layout_)) +
                " bytes aligned to 64, found " + std::to_string(bytes.size()));
  }
  layout_.data = bytes.data();
  if (!bytes.empty()) {
    bias_ = reinterpret_cast<const float*>(bytes.data() + WeightBytes(layout_));
  }
  product_ = &ChooseProduct(layout_, level);
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
    const std::size_t column = output % columns;
    const std::size_t count = std::min(columns - column, rows.rows - r);
    float* const weights = reinterpret_cast<float*>(storage_.writable());
    float* const panel = weights + output / columns * layout_.panel_stride;
    PackIntoPanel(rows.Slice(r, count), columns, panel + column);
    r += count;
  }
}

void PackedMatrix::SetBias(std::size_t first_output,
                           std::span<const float> bias) {
  CheckWrite("SetBias", first_output, bias.size());
  if (bias.empty()) return;
  float* const all =
      reinterpret_cast<float*>(storage_.writable() + WeightBytes(layout_));
  std::ranges::copy(bias, all + first_output);
}

}  // namespace tessera::kernels
