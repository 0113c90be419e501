// The parts of the extension module.
#ifndef TESSERA_TOOLS_PYTHON_SRC_BIND_H_
#define TESSERA_TOOLS_PYTHON_SRC_BIND_H_

#include <nanobind/nanobind.h>

namespace tessera::python {

void BindOptions(nanobind::module_& module);
void BindResults(nanobind::module_& module);
void BindHandle(nanobind::module_& module);
void BindAttention(nanobind::module_& module);

}  // namespace tessera::python

#endif  // TESSERA_TOOLS_PYTHON_SRC_BIND_H_
