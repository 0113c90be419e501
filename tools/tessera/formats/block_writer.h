// Blocks with translations in place of their texts.
#ifndef TESSERA_TOOLS_TESSERA_FORMATS_BLOCK_WRITER_H_
#define TESSERA_TOOLS_TESSERA_FORMATS_BLOCK_WRITER_H_

#include <string>
#include <vector>

#include "tools/tessera/output.h"
#include "tools/tessera/text_source.h"
#include "tools/tessera/text_writer.h"

namespace tessera::tools {

// A block of which a text failed is written as it was read, so that the file
// stays one of its format.
class BlockWriter final : public TextWriter {
 public:
  explicit BlockWriter(Output& output) : output_(output) {}
  void Write(const SourceText& text, const Translation& translation) override;

 private:
  Output& output_;
  std::vector<std::string> translated_;  // of the block's texts so far
  bool failed_ = false;                  // one of them
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_FORMATS_BLOCK_WRITER_H_
