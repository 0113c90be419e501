// Which tags of XML cut a text into runs.
#ifndef TESSERA_TOOLS_SERVE_MARKUP_OUTLINE_H_
#define TESSERA_TOOLS_SERVE_MARKUP_OUTLINE_H_

#include <vector>

#include "tools/serve/markup/markup.h"

namespace tessera::tools::serve {

// For each token whether it is a tag that cuts. Throws Error unless each start
// has its end, no more than kMaxMarkupDepth deep.
std::vector<bool> XmlOutline(const std::vector<MarkupToken>& tokens,
                             const MarkupRules& rules);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_MARKUP_OUTLINE_H_
