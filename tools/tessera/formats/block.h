// Stretches of a file that hold texts: cues of subtitles, entries of
// catalogues.
#ifndef TESSERA_TOOLS_TESSERA_FORMATS_BLOCK_H_
#define TESSERA_TOOLS_TESSERA_FORMATS_BLOCK_H_

#include <tessera/options.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::tools {

// A longer one is refused with the whole input.
inline constexpr std::size_t kMaxBlockBytes = std::size_t{1} << 20;

// All blocks of a file, one after another, are the file.
struct Block {
  std::string bytes = {};               // as it was read
  std::vector<std::string> texts = {};  // none: it is passed on as it is
  std::size_t line = 0;                 // of its text, or of what is wrong
  std::string error = {};               // why it is passed on; empty if not
  // Expressions of TranslateOptions::keep, for it alone.
  std::vector<std::string> keep = {};
  // Its bytes with the translation of each text. Not of one without texts.
  std::function<std::string(const std::vector<std::string>&)> write = {};
};

// A line and what ended it: LF, CR LF or nothing, at the end of the input.
struct FileLine {
  std::string text;
  std::string ending;
};

// Takes a file line by line and gives its blocks, as soon as each is whole.
class BlockParser {
 public:
  virtual ~BlockParser() = default;

  // Throws Error for a file that it can do nothing with.
  std::vector<Block> Add(FileLine line);
  std::vector<Block> End();

 protected:
  // Takes lines_.back(), which is new, and the end.
  virtual void Take() = 0;
  virtual void TakeEnd() = 0;

  // Ends a block behind the first `count` of lines_, or behind all of them, and
  // takes those away. They are bytes of `block`.
  void Give(Block block, std::size_t count);
  void Give(Block block) { Give(std::move(block), lines_.size()); }

  // The number in the file of a line of lines_.
  std::size_t NumberOf(std::size_t index) const { return first_ + index; }

  std::vector<FileLine> lines_;  // of the block that is being read

 private:
  std::size_t first_ = 1;  // the number of its first line
  std::size_t bytes_ = 0;  // in lines_
  std::vector<Block> given_;
};

// Neither letters nor anything else but white space.
bool IsBlankLine(std::string_view text);

// Whether there is something to translate. True of what is not UTF-8, which
// the translator refuses.
bool HasLetters(std::string_view text);

// What "--input-format srt" and "po" read, and how they are translated where
// the caller does not say. A BOM is part of the first line.
std::unique_ptr<BlockParser> MakeBlockParser(std::string_view format,
                                             TranslateOptions& options);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_FORMATS_BLOCK_H_
