// Words of an output, and where in the source they come from.
#ifndef TESSERA_TOOLS_SERVE_MARKUP_WORDS_H_
#define TESSERA_TOOLS_SERVE_MARKUP_WORDS_H_

#include <tessera/translation.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace tessera::tools::serve {

struct OutputWord {
  std::size_t begin = 0;  // its bytes in the output: from here ...
  std::size_t end = 0;    // ... up to here
  // Where in the source the piece begins that it looks at most.
  std::optional<std::size_t> source = {};
};

// The words of a translation's best output as Unicode bounds them, punctuation
// too, white space not, with their alignments, if it has some.
std::vector<OutputWord> OutputWords(std::string_view source,
                                    const Translation& translation);

// Where in a text pieces of a vocabulary begin, which spell it more or less:
// normalised, with marks of their own, with control pieces between. In order;
// a piece that is not found is where the next one may be.
std::vector<std::size_t> PieceOffsets(std::string_view text,
                                      const std::vector<std::string>& pieces);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_MARKUP_WORDS_H_
