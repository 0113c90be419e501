// Cues, and lines of about the same width.
#include "tools/tessera/formats/srt.h"

#include <algorithm>
#include <span>
#include <utility>

#include "models/files/message.h"
#include "tools/tessera/line_text.h"

namespace tessera::tools {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";
constexpr std::string_view kSpace = " \t";

std::string_view Strip(std::string_view text) {
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// Takes up to `most` digits away; false if there are none.
bool TakeDigits(std::string_view& text, std::size_t most) {
  std::size_t count = 0;
  while (count < std::min(most, text.size()) && '0' <= text[count] &&
         text[count] <= '9') {
    ++count;
  }
  text.remove_prefix(count);
  return count > 0;
}

bool IsNumber(std::string_view text) {
  text = Strip(text);
  return TakeDigits(text, text.size()) && text.empty();
}

// "00:01:12,480", with "." as well, and without hours.
bool TakeTime(std::string_view& text) {
  constexpr std::size_t kMostDigits = 3;
  std::size_t colons = 0;
  while (TakeDigits(text, kMostDigits) && text.starts_with(':')) {
    text.remove_prefix(1);
    ++colons;
  }
  if (colons == 0 || colons > 2 || text.empty()) return false;
  if (text[0] != ',' && text[0] != '.') return false;
  text.remove_prefix(1);
  return TakeDigits(text, kMostDigits);
}

// Two times, and perhaps places on the screen behind them.
bool IsTimes(std::string_view text) {
  constexpr std::string_view kArrow = "-->";
  text = Strip(text);
  if (!TakeTime(text)) return false;
  text = Strip(text);
  if (!text.starts_with(kArrow)) return false;
  text = Strip(text.substr(kArrow.size()));
  return TakeTime(text) &&
         (text.empty() || kSpace.find(text[0]) != std::string_view::npos);
}

// Tags, and what else stands in brackets of two kinds.
std::size_t MarkupSize(std::string_view text) {
  if (text.empty() || (text[0] != '<' && text[0] != '{')) return 0;
  constexpr std::size_t kMost = 200;  // or a text of "<" would take long
  const std::size_t end =
      text.substr(0, kMost).find(text[0] == '<' ? '>' : '}');
  return end == std::string_view::npos ? 0 : end + 1;
}

// Of a line of another speaker: tags, a dash, and spaces; else 0.
std::size_t DashSize(std::string_view line) {
  std::size_t at = 0;
  const auto skip_space = [&] {
    at = std::min(line.find_first_not_of(kSpace, at), line.size());
  };
  skip_space();
  while (const std::size_t size = MarkupSize(line.substr(at))) {
    at += size;
    skip_space();
  }
  for (const std::string_view dash : {"-", "\u2010", "\u2013", "\u2014"}) {
    if (!line.substr(at).starts_with(dash)) continue;
    at += dash.size();
    skip_space();
    return at;
  }
  return 0;
}

// Letters outside tags.
bool HasWords(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::size_t markup = MarkupSize(text);
    if (markup == 0) words += text[0];
    text.remove_prefix(std::max<std::size_t>(markup, 1));
  }
  return HasLetters(words);
}

// What one speaker says in a cue.
struct Turn {
  std::string opening = {};  // up to behind the dash
  std::string text = {};     // the lines behind it, with spaces between
  std::vector<std::string> lines = {};  // as they were
};

std::vector<Turn> TurnsOf(std::span<const FileLine> lines) {
  std::vector<Turn> turns;
  const bool speakers =
      lines.size() > 1 && std::ranges::any_of(lines, [](const FileLine& line) {
        return DashSize(line.text) > 0;
      });
  for (const FileLine& line : lines) {
    const std::size_t dash = speakers ? DashSize(line.text) : 0;
    if (turns.empty() || dash > 0) {
      turns.push_back({.opening = line.text.substr(0, dash)});
    }
    Turn& turn = turns.back();
    const std::string_view text =
        Strip(std::string_view(line.text).substr(dash));
    if (!turn.text.empty() && !text.empty()) turn.text += ' ';
    turn.text += text;
    turn.lines.push_back(line.text);
  }
  return turns;
}

// A cue in three: up to the times, its text, the blank line.
struct Cue {
  std::string head = {};
  std::vector<Turn> turns = {};
  std::string line_end = {};  // between lines
  std::string tail = {};      // from the end of the last line on
};

std::string WriteCue(const Cue& cue,
                     const std::vector<std::string>& translated) {
  std::string bytes = cue.head;
  auto translation = translated.begin();
  bool first = true;
  for (const Turn& turn : cue.turns) {
    std::vector<std::string> lines = turn.lines;
    if (HasWords(turn.text)) {
      const std::string& become = *translation++;
      if (!IsBlankLine(become)) {  // which would end the cue
        lines = BreakLines(turn.opening + OneLine(become), turn.lines.size());
      }
    }
    for (const std::string& line : lines) {
      if (!std::exchange(first, false)) bytes += cue.line_end;
      bytes += line;
    }
  }
  return bytes + cue.tail;
}

// Begins of characters, those of tags left out.
std::vector<std::size_t> Widths(std::string_view text) {
  std::vector<std::size_t> widths;  // before each byte
  widths.reserve(text.size());
  std::size_t width = 0, markup_end = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at >= markup_end) markup_end = at + MarkupSize(text.substr(at));
    widths.push_back(width);
    const bool continues =
        (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    if (at >= markup_end && !continues) ++width;
  }
  return widths;
}

}  // namespace

void SrtParser::Take() {
  const std::size_t last = lines_.size() - 1;
  const std::string& text = lines_[last].text;
  if (IsBlankLine(text)) return Flush(lines_.size());
  if (!IsTimes(text)) return;
  if (times_ != kNone || last > 1) {  // of the next cue, with no blank between
    const bool numbered = last > times_ + 1 && IsNumber(lines_[last - 1].text);
    Flush(numbered ? last - 1 : last);
  }
  times_ = lines_.size() - 1;
}

void SrtParser::Flush(std::size_t count) {
  Give(MakeBlock(count), count);
  times_ = kNone;
}

Block SrtParser::MakeBlock(std::size_t count) const {
  if (IsBlankLine(lines_[0].text)) return {};
  const std::size_t wrong = IsNumber(lines_[0].text) ? 1 : 0;
  if (times_ != wrong && times_ != 0) {
    const bool ends = wrong == count || IsBlankLine(lines_[wrong].text);
    return {.line = NumberOf(wrong),
            .error = models::Cat(
                "want ", wrong == 0 ? "a cue's number or " : "",
                "a line of times as 00:01:02,500 --> 00:01:04,000, found ",
                ends ? "none" : models::QuoteText(lines_[wrong].text))};
  }
  const std::span<const FileLine> all = std::span(lines_).first(count);
  std::span<const FileLine> text = all.subspan(times_ + 1);
  Cue cue;
  if (!text.empty() && IsBlankLine(text.back().text)) {
    cue.tail = text.back().text + text.back().ending;
    text = text.first(text.size() - 1);
  }
  if (text.empty()) return {};
  for (std::size_t i = 0; i <= times_; ++i) {
    cue.head += lines_[i].text + lines_[i].ending;
  }
  cue.line_end = lines_[times_].ending;
  cue.tail = text.back().ending + cue.tail;
  cue.turns = TurnsOf(text);
  Block block = {.line = NumberOf(times_ + 1)};
  for (const Turn& turn : cue.turns) {
    if (HasWords(turn.text)) block.texts.push_back(turn.text);
  }
  block.write = [cue = std::move(cue)](const std::vector<std::string>& become) {
    return WriteCue(cue, become);
  };
  return block;
}

std::vector<std::string> BreakLines(const std::string& text,
                                    std::size_t count) {
  const std::vector<std::size_t> widths = Widths(text);
  const std::size_t all = widths.empty() ? 0 : widths.back() + 1;
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t line = 1; line < count; ++line) {
    const std::size_t wanted = all * line / count;
    const auto off = [&](std::size_t at) {
      return widths[at] > wanted ? widths[at] - wanted : wanted - widths[at];
    };
    std::size_t best = 0;
    for (std::size_t at = begin + 1; at + 1 < text.size(); ++at) {
      // The width does not grow within a tag.
      const bool breaks = text[at] == ' ' && widths[at] < widths[at + 1];
      if (breaks && (best == 0 || off(at) < off(best))) best = at;
    }
    if (best == 0) break;
    lines.push_back(text.substr(begin, best - begin));
    begin = best + 1;
  }
  lines.push_back(text.substr(begin));
  return lines;
}

}  // namespace tessera::tools
