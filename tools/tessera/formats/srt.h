// Subtitles, as SubRip writes them.
#ifndef TESSERA_TOOLS_TESSERA_FORMATS_SRT_H_
#define TESSERA_TOOLS_TESSERA_FORMATS_SRT_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tools/tessera/formats/block.h"

namespace tessera::tools {

// What is kept of cues: tags, and "{\an8}". Not what else is in braces or
// behind "%" and "$", which in subtitles are words and prices.
inline constexpr std::array<const char*, 2> kSubtitleMarkup = {
    R"(</?[A-Za-z][^<>]*+>)", R"(\{\\[^{}]*+\})"};

// A block is a cue: a number, which may be missing, a line of times, lines of
// text, and a blank line, which may be missing before the next number and
// times. All but the text stays byte for byte.
//
// The lines of a cue are one text, since sentences run over them; its
// translation is broken into as many, of about the same width. A line that
// opens with a dash is another speaker's: it begins a text and a line of its
// own, and keeps the dash. Lines without letters stay. A sentence that runs
// over cues is translated in pieces, one a cue.
//
// What is no cue is an error of the block, up to the next blank line or cue.
class SrtParser final : public BlockParser {
 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  void Take() override;
  void TakeEnd() override { Flush(lines_.size()); }
  void Flush(std::size_t count);
  Block MakeBlock(std::size_t count) const;

  std::size_t times_ = kNone;  // the line of times
};

// The text in `count` lines at most, none of them empty, of about the same
// width: broken at spaces outside tags.
std::vector<std::string> BreakLines(const std::string& text, std::size_t count);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_FORMATS_SRT_H_
