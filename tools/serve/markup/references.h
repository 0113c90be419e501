// Character references: &eacute; &#233; &#xE9;
#ifndef TESSERA_TOOLS_SERVE_MARKUP_REFERENCES_H_
#define TESSERA_TOOLS_SERVE_MARKUP_REFERENCES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "tools/serve/markup/tokens.h"

namespace tessera::tools::serve {

struct Reference {
  std::size_t bytes = 0;       // that it takes; 0: there is none
  std::string character = {};  // empty: it is not known, or no character
};

// The reference that a text, from its '&' on, begins with. Known are the names
// of HTML 4 and of XML.
Reference ReadReference(std::string_view text, MarkupKind kind);

// Appends text that no reader takes for markup.
void AppendEscaped(std::string_view text, std::string& to);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_MARKUP_REFERENCES_H_
