// Texts of a block until it has all.
#include "tools/tessera/formats/block_writer.h"

#include "tools/tessera/formats/block.h"
#include "tools/tessera/line_text.h"

namespace tessera::tools {

void BlockWriter::Write(const SourceText& text,
                        const Translation& translation) {
  const Block& block = *text.block;
  if (text.part == 0) {
    translated_.clear();
    failed_ = false;
  }
  failed_ = failed_ || !translation.ok();
  translated_.push_back(WithSpaceOf(text.text, translation.text()));
  if (text.part + 1 < block.texts.size()) return;
  output_.Write(failed_ || block.texts.empty() ? block.bytes
                                               : block.write(translated_));
}

}  // namespace tessera::tools
