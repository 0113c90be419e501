// The template of `tessera attention --format html`.
#ifndef TESSERA_TOOLS_TESSERA_ATTENTION_PAGE_H_
#define TESSERA_TOOLS_TESSERA_ATTENTION_PAGE_H_

#include <string_view>

namespace tessera::tools {

// page.html with its style and script, from page.cmake.
// @REPORT@ stands where the data goes.
extern const std::string_view kAttentionPage;

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_ATTENTION_PAGE_H_
