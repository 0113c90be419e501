// Attention weights as a table in a terminal.
#ifndef TESSERA_TOOLS_TESSERA_ATTENTION_TEXT_H_
#define TESSERA_TOOLS_TESSERA_ATTENTION_TEXT_H_

#include <cstddef>
#include <string>

#include "tools/tessera/attention/choice.h"

namespace tessera::tools {

// One table: a row for each piece that looks, with the piece it looks at most,
// a column for each piece looked at; weights in %, the more the darker (where
// rows do not sum to 1, the largest is the darkest). Empty: the query may not
// look there. Of the choice, or of the cross-attention, its last layer and the
// mean of its heads. A table wider than `columns` is written in parts, one
// below the other. Requires a choice that Check passes.
std::string ToText(const ShownTranslation& shown, const AttentionChoice& choice,
                   std::size_t columns);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_ATTENTION_TEXT_H_
