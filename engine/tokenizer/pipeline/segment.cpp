// Cutting of segments.
#include "engine/tokenizer/pipeline/segment.h"

namespace tessera::engine {
namespace {

struct Part {
  Range range;
  bool match;
};

// The parts in order, empty ones left out.
std::vector<Part> Parts(std::size_t size, const std::vector<Range>& matches) {
  std::vector<Part> parts;
  std::size_t at = 0;
  const auto add = [&](Range range, bool match) {
    if (range.begin < range.end) parts.push_back({range, match});
  };
  for (const Range& match : matches) {
    add({at, match.begin}, false);
    add(match, true);
    at = match.end;
  }
  add({at, size}, false);
  return parts;
}

// Whether a part continues the one before it.
bool Joins(const Part& before, const Part& part, Cut cut) {
  switch (cut) {
    case Cut::kMergedWithPrevious:
      return part.match && !before.match;
    case Cut::kMergedWithNext:
      return before.match && !part.match;
    case Cut::kContiguous:
      return before.match == part.match;
    default:
      return false;
  }
}

std::vector<Segment> CutParts(const Segment& segment,
                              const std::vector<Part>& parts, Cut cut) {
  std::vector<Segment> cuts;
  const Part* before = nullptr;
  for (const Part& part : parts) {
    const auto [begin, end] = part.range;
    const std::string text = segment.text.substr(begin, end - begin);
    if (cut == Cut::kRemoved && part.match) {
      continue;
    } else if (before != nullptr && Joins(*before, part, cut)) {
      cuts.back().text += text;
    } else {
      cuts.push_back({text, segment.opens && begin == 0});
    }
    before = &part;
  }
  return cuts;
}

}  // namespace

std::vector<Segment> CutAt(const Segment& segment,
                           const std::vector<Range>& matches, Cut cut) {
  return CutParts(segment, Parts(segment.text.size(), matches), cut);
}

std::vector<Segment> CutBetween(const Segment& segment,
                                const std::vector<Range>& matches, Cut cut) {
  std::vector<Part> parts = Parts(segment.text.size(), matches);
  for (Part& part : parts) part.match = !part.match;
  return CutParts(segment, parts, cut);
}

bool CharacterWalk::Next() {
  begin_ = end_;
  if (begin_ == text_.size()) return false;
  const auto byte = [&](std::size_t at) {
    return static_cast<unsigned char>(text_[at]);
  };
  const unsigned lead = byte(begin_);
  const std::size_t more = lead < 0x80   ? 0
                           : lead < 0xE0 ? 1
                           : lead < 0xF0 ? 2
                                         : 3;
  constexpr unsigned kMasks[] = {0x7F, 0x1F, 0x0F, 0x07};
  code_ = lead & kMasks[more];
  for (std::size_t i = 1; i <= more; ++i) {
    code_ = code_ << 6 | (byte(begin_ + i) & 0x3F);
  }
  end_ = begin_ + more + 1;
  return true;
}

}  // namespace tessera::engine
