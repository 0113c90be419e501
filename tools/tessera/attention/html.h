// Attention weights as a page to look at.
#ifndef TESSERA_TOOLS_TESSERA_ATTENTION_HTML_H_
#define TESSERA_TOOLS_TESSERA_ATTENTION_HTML_H_

#include <string>

#include "tools/tessera/attention/choice.h"

namespace tessera::tools {

// page.html with all weights of the report in it, self-contained: it
// loads nothing. It opens at the choice; where that says nothing, at the last
// layer of the cross-attention and the mean of its heads. Requires a choice
// that Check passes.
std::string ToHtml(const ShownTranslation& shown,
                   const AttentionChoice& choice);

// JSON that may stand in a <script> element, whatever text it holds: outside of
// strings JSON has none of < > & U+2028 U+2029, and in strings they can be
// written as \u003c and so on.
std::string EscapeForScript(const std::string& json);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_ATTENTION_HTML_H_
