// The texts of a file in blocks.
#ifndef TESSERA_TOOLS_TESSERA_FORMATS_BLOCK_SOURCE_H_
#define TESSERA_TOOLS_TESSERA_FORMATS_BLOCK_SOURCE_H_

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>

#include "tools/tessera/formats/block.h"
#include "tools/tessera/line_reader.h"
#include "tools/tessera/text_source.h"

namespace tessera::tools {

// A block without texts is an empty text, so that it is written in its turn.
class BlockSource final : public TextSource {
 public:
  // Standard input, or a file. `options` are those of a block that says nothing
  // else. The parser and they must outlive it.
  BlockSource(const std::optional<std::filesystem::path>& file,
              BlockParser& parser, const TranslateOptions& options)
      : lines_(file), parser_(parser), options_(options) {}

  Status Next(SourceText& text,
              std::optional<std::chrono::milliseconds> patience) override;
  std::optional<std::uint64_t> size_bytes() const override {
    return lines_.size_bytes();
  }
  bool Reads(const std::filesystem::path& file) const override;

 private:
  Status Read(std::optional<std::chrono::milliseconds> patience);
  void Queue(Block block);

  LineReader lines_;
  BlockParser& parser_;
  const TranslateOptions& options_;
  std::deque<SourceText> ready_;
  bool ended_ = false;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_FORMATS_BLOCK_SOURCE_H_
