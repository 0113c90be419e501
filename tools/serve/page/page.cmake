# Writes OUTPUT, a source that holds the files of the page:
#
#   cmake -D OUTPUT=FILE.cpp -P page.cmake
set(members "")
foreach(file page.html page.css page.js attention.js)
  file(READ ${CMAKE_CURRENT_LIST_DIR}/${file} text)
  if("${text}" MATCHES "\\)page\"")
    message(FATAL_ERROR "${file}: want no )page\" in it, which would end the "
      "string")
  endif()
  string(APPEND members "    R\"page(${text})page\",\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by page.cmake.
#include \"tools/serve/page.h\"

namespace tessera::tools::serve {

constexpr PageFiles kPage = {
${members}};

}  // namespace tessera::tools::serve
")
