// The extension module tessera._tessera: the public headers, as Python calls
// them. What users see is made of it in tessera/*.py.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string_view.h>
#include <tessera/translator.h>

#include "tools/python/src/bind.h"

NB_MODULE(_tessera, module) {
  nanobind::exception<tessera::Error>(module, "Error", PyExc_RuntimeError);
  module.def("version", [] { return tessera::Version(); });
  tessera::python::BindOptions(module);
  tessera::python::BindResults(module);
  tessera::python::BindHandle(module);
  tessera::python::BindAttention(module);
}
