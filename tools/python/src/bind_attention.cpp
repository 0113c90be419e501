// Attention weights as numpy arrays that view the report's own memory.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <tessera/attention_report.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "tools/python/src/bind.h"
#include "tools/python/src/handle.h"
#include "tools/python/src/released.h"
#include "tools/python/src/texts.h"

namespace nb = nanobind;

namespace tessera::python {
namespace {

using Weights = nb::ndarray<nb::numpy, const float, nb::ndim<3>, nb::c_contig>;
using Visible = nb::ndarray<nb::numpy, const bool, nb::ndim<2>, nb::c_contig>;

AttentionReport ExplainReleased(const Handle& handle, nb::str text,
                                const TranslateOptions& options) {
  const std::shared_ptr<const Translator> translator = handle.Get();
  const std::string utf8 = Utf8(text);
  const Released released;
  return Explain(*translator, utf8, options);
}

// f32 [H, n, m] of a layer; `table`, the Python object, owns it.
Weights LayerOf(nb::pointer_and_handle<AttentionTable> table,
                std::size_t layer) {
  const AttentionTable& of = *table.p;
  if (layer >= of.layers.size()) throw nb::index_error("layer");
  return Weights(of.layers[layer].data(),
                 {of.heads, of.queries.size(), of.keys.size()}, table.h);
}

static_assert(sizeof(bool) == sizeof(std::uint8_t));  // 0 or 1, [n, m]

Visible VisibleOf(nb::pointer_and_handle<AttentionTable> table) {
  const AttentionTable& of = *table.p;
  return Visible(of.visible.data(), {of.queries.size(), of.keys.size()},
                 table.h);
}

}  // namespace

void BindAttention(nb::module_& module) {
  nb::class_<AttentionTable>(module, "AttentionTable")
      .def_ro("queries", &AttentionTable::queries)
      .def_ro("keys", &AttentionTable::keys)
      .def_ro("heads", &AttentionTable::heads)
      .def("__len__",
           [](const AttentionTable& table) { return table.layers.size(); })
      .def("layer", LayerOf, nb::arg("layer"))
      .def_prop_ro("visible", VisibleOf);
  nb::class_<AttentionReport>(module, "AttentionReport")
      .def_ro("output", &AttentionReport::output)
      .def_ro("encoder", &AttentionReport::encoder)
      .def_ro("decoder", &AttentionReport::decoder)
      .def_ro("cross", &AttentionReport::cross);
  module.def("explain", ExplainReleased, nb::arg("model"), nb::arg("text"),
             nb::arg("options"));
}

}  // namespace tessera::python
