// Lines into blocks.
#include "tools/tessera/formats/block.h"

#include <tessera/error.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/tokenizer/text.h"
#include "tools/tessera/formats/po.h"
#include "tools/tessera/formats/srt.h"

namespace tessera::tools {

std::vector<Block> BlockParser::Add(FileLine line) {
  bytes_ += line.text.size() + line.ending.size();
  lines_.push_back(std::move(line));
  if (bytes_ > kMaxBlockBytes) {
    throw Error("line " + std::to_string(NumberOf(lines_.size() - 1)) +
                ": want cues and entries of at most " +
                std::to_string(kMaxBlockBytes) + " bytes, found more");
  }
  Take();
  return std::exchange(given_, {});
}

std::vector<Block> BlockParser::End() {
  if (!lines_.empty()) TakeEnd();
  return std::exchange(given_, {});
}

void BlockParser::Give(Block block, std::size_t count) {
  const auto end = lines_.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto line = lines_.begin(); line != end; ++line) {
    block.bytes.append(line->text).append(line->ending);
  }
  lines_.erase(lines_.begin(), end);
  first_ += count;
  bytes_ -= block.bytes.size();
  given_.push_back(std::move(block));
}

bool IsBlankLine(std::string_view text) {
  return text.find_first_not_of(" \t\r\xEF\xBB\xBF") == std::string_view::npos;
}

bool HasLetters(std::string_view text) {
  if (engine::ValidUtf8Prefix(text) < text.size()) return true;
  return std::ranges::any_of(
      engine::Characters(text), [](const engine::Character& one) {
        return one.kind == engine::CharacterKind::kLetter;
      });
}

std::unique_ptr<BlockParser> MakeBlockParser(std::string_view format,
                                             TranslateOptions& options) {
  if (format == "srt") {
    if (!options.keep_placeholders) {
      options.keep.insert(options.keep.end(), kSubtitleMarkup.begin(),
                          kSubtitleMarkup.end());
    }
    return std::make_unique<SrtParser>();
  }
  if (!options.keep_placeholders) options.keep_placeholders = true;
  // Line ends of a text stay, which the model would not see.
  if (!options.split) options.split = TextSplit::kSentences;
  return std::make_unique<PoParser>(*options.keep_placeholders);
}

}  // namespace tessera::tools
