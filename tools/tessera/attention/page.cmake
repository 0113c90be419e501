# Writes OUTPUT, a source that holds page.html with its style and
# script:
#
#   cmake -D OUTPUT=FILE.cpp -P page.cmake
function(read_part file result)
  file(READ ${CMAKE_CURRENT_LIST_DIR}/${file} text)
  if("${text}" MATCHES "\\)page\"")
    message(FATAL_ERROR "${file}: want no )page\" in it, which would end the "
      "string")
  endif()
  string(STRIP "${text}" text)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

read_part(page.html html)
read_part(page.css style)
read_part(page_data.js data)
read_part(page_draw.js draw)
read_part(page.js script)
string(REPLACE "@STYLE@" "${style}" html "${html}")
string(REPLACE "@SCRIPT@" "${data}\n\n${draw}\n\n${script}" html "${html}")
file(WRITE ${OUTPUT} "// Made by page.cmake.
#include \"tools/tessera/attention/page.h\"

namespace tessera::tools {

constexpr std::string_view kAttentionPage = R\"page(${html}
)page\";

}  // namespace tessera::tools
")
