// Lines through a parser.
#include "tools/tessera/formats/block_source.h"

#include <tessera/error.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace tessera::tools {

TextSource::Status BlockSource::Next(
    SourceText& text, std::optional<std::chrono::milliseconds> patience) {
  while (ready_.empty()) {
    const Status status = Read(patience);
    if (status != Status::kText && ready_.empty()) return status;
  }
  text = std::move(ready_.front());
  ready_.pop_front();
  return Status::kText;
}

// Reads a line, or the end.
TextSource::Status BlockSource::Read(
    std::optional<std::chrono::milliseconds> patience) {
  if (ended_) return Status::kEnd;
  FileLine line;
  std::vector<Block> blocks;
  const LineReader::Status status = lines_.Next(line.text, patience);
  if (status == LineReader::Status::kIdle) return Status::kIdle;
  if (status == LineReader::Status::kEnd) {
    ended_ = true;
    blocks = parser_.End();
  } else if (status == LineReader::Status::kTooLong) {
    throw Error("want lines of at most " +
                std::to_string(LineReader::kMaxLineBytes) +
                " bytes, found more");
  } else {
    line.text.insert(0, lines_.opening());
    line.ending = lines_.ending();
    blocks = parser_.Add(std::move(line));
  }
  for (Block& block : blocks) Queue(std::move(block));
  return ended_ ? Status::kEnd : Status::kText;
}

void BlockSource::Queue(Block block) {
  const auto shared = std::make_shared<const Block>(std::move(block));
  const std::size_t parts = std::max<std::size_t>(shared->texts.size(), 1);
  for (std::size_t part = 0; part < parts; ++part) {
    SourceText& text = ready_.emplace_back();
    if (!shared->texts.empty()) text.text = shared->texts[part];
    text.place = "line " + std::to_string(shared->line);
    text.end = lines_.position_bytes();
    text.error = shared->error;
    text.block = shared;
    text.part = part;
    if (shared->keep.empty()) continue;
    text.options = options_;
    text.options->keep.insert(text.options->keep.end(), shared->keep.begin(),
                              shared->keep.end());
  }
}

bool BlockSource::Reads(const std::filesystem::path& file) const {
  return SameFile("/proc/self/fd/" + std::to_string(lines_.descriptor()), file);
}

}  // namespace tessera::tools
