// Python's strings as the engine's UTF-8.
#include "tools/python/src/texts.h"

namespace nb = nanobind;

namespace tessera::python {

std::string Utf8(nb::handle text) {
  if (PyUnicode_Check(text.ptr()) == 0) {
    const nb::str type(text.type().attr("__name__"));
    throw nb::type_error(
        (std::string("text: want str, found ") + type.c_str()).c_str());
  }
  Py_ssize_t size = 0;
  if (const char* utf8 = PyUnicode_AsUTF8AndSize(text.ptr(), &size)) {
    return {utf8, static_cast<std::size_t>(size)};
  }
  PyErr_Clear();
  const nb::object bytes = nb::steal(
      PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogatepass"));
  char* begin = nullptr;
  if (!bytes.is_valid() ||
      PyBytes_AsStringAndSize(bytes.ptr(), &begin, &size) != 0) {
    throw nb::python_error();
  }
  return {begin, static_cast<std::size_t>(size)};
}

}  // namespace tessera::python
