// A stretch of a text on its way through a tokenizer, and ways of cutting it.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_SEGMENT_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {

struct Segment {
  std::string text;
  bool opens = false;  // it begins where the whole text begins
};

// Bytes [begin, end) of a text.
struct Range {
  std::size_t begin;
  std::size_t end;
};

// What becomes of a match: it goes, it stands alone, it joins its neighbour;
// kContiguous: matches side by side stand together.
enum class Cut : std::uint8_t {
  kRemoved,
  kIsolated,
  kMergedWithPrevious,
  kMergedWithNext,
  kContiguous
};

// The parts of a segment, none of them empty, by the matches in it: ascending,
// none overlapping.
std::vector<Segment> CutAt(const Segment& segment,
                           const std::vector<Range>& matches, Cut cut);

// The same with what stands between the matches as matches.
std::vector<Segment> CutBetween(const Segment& segment,
                                const std::vector<Range>& matches, Cut cut);

// The characters of well-formed UTF-8, one after another.
class CharacterWalk {
 public:
  explicit CharacterWalk(std::string_view text) : text_(text) {}

  // Whether there is one more, which is then code() in range().
  bool Next();
  char32_t code() const { return code_; }
  Range range() const { return {begin_, end_}; }
  std::string_view bytes() const { return text_.substr(begin_, end_ - begin_); }

 private:
  std::string_view text_;
  char32_t code_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_SEGMENT_H_
