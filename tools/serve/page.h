// The page for people, as files.
#ifndef TESSERA_TOOLS_SERVE_PAGE_H_
#define TESSERA_TOOLS_SERVE_PAGE_H_

#include <string_view>

namespace tessera::tools::serve {

struct PageFiles {
  std::string_view html, style, script, attention;
};

// From page/, by page.cmake.
extern const PageFiles kPage;

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_PAGE_H_
