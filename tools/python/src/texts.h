// Python's strings as the engine's UTF-8.
#ifndef TESSERA_TOOLS_PYTHON_SRC_TEXTS_H_
#define TESSERA_TOOLS_PYTHON_SRC_TEXTS_H_

#include <nanobind/nanobind.h>

#include <string>

namespace tessera::python {

// A lone surrogate becomes three bytes that are not UTF-8: the engine then
// refuses that text and no other. Throws TypeError for what is no str.
std::string Utf8(nanobind::handle text);

}  // namespace tessera::python

#endif  // TESSERA_TOOLS_PYTHON_SRC_TEXTS_H_
