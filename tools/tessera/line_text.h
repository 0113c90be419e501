// The text of an output line.
#ifndef TESSERA_TOOLS_TESSERA_LINE_TEXT_H_
#define TESSERA_TOOLS_TESSERA_LINE_TEXT_H_

#include <string>
#include <string_view>

namespace tessera::tools {

// The white space round a text; all of one that has nothing else is before.
struct OuterSpace {
  std::string_view before;
  std::string_view after;
};
// None of a text that is not UTF-8.
OuterSpace SpaceRound(std::string_view text);

// The text on one line: CR and LF, which a vocabulary's pieces may hold, as
// spaces.
std::string OneLine(std::string_view text);

// A translation with the white space round its source in place of its own.
std::string WithSpaceOf(const std::string& source, std::string_view text);

// A translation on one line with the white space round its source in place of
// its own, also where the model read the line whole.
std::string LineText(const std::string& source, std::string_view text);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_LINE_TEXT_H_
