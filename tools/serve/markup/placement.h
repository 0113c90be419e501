// Tags into an output.
#ifndef TESSERA_TOOLS_SERVE_MARKUP_PLACEMENT_H_
#define TESSERA_TOOLS_SERVE_MARKUP_PLACEMENT_H_

#include <span>
#include <string>
#include <string_view>

#include "tools/serve/markup/run.h"
#include "tools/serve/markup/words.h"

namespace tessera::tools::serve {

// The output, escaped, with each mark of the run once, nested as there. An
// element goes round the stretch of words that comes best of its text: the
// words of it less those of others are most. A point goes before the word that
// it stood before, or behind the one that it was attached to. Takes elements
// times words.
std::string PlaceMarks(const Run& run, std::string_view output,
                       std::span<const OutputWord> words);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_MARKUP_PLACEMENT_H_
