// A stretch of text with the tags inside of it, which is translated in one
// piece.
#ifndef TESSERA_TOOLS_SERVE_MARKUP_RUN_H_
#define TESSERA_TOOLS_SERVE_MARKUP_RUN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::tools::serve {

// What stands in a text, between bytes, and has to stand in its translation.
struct Mark {
  enum class Kind {
    kStart,  // of an element that ends in the run
    kEnd,
    kPoint,  // <img>, a comment, a tag whose partner is not in the run
  };
  Kind kind = Kind::kPoint;
  std::string_view bytes = {};
  std::size_t at = 0;  // in the text
  // Whether white space stands beside it.
  bool space_before = false;
  bool space_behind = false;
};

// Starts and ends are nested.
struct Run {
  std::string text;
  std::vector<Mark> marks;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_MARKUP_RUN_H_
