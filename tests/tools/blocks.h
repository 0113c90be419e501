// Files in blocks, as a parser gives them.
#ifndef TESSERA_TESTS_TOOLS_BLOCKS_H_
#define TESSERA_TESTS_TOOLS_BLOCKS_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/tessera/formats/block.h"

namespace tessera::tools {

// All blocks of a file, whose lines end as LineReader's do.
inline std::vector<Block> BlocksOf(std::string_view format,
                                   const std::string& bytes) {
  TranslateOptions options;
  const auto parser = MakeBlockParser(format, options);
  std::vector<Block> blocks;
  const auto take = [&](std::vector<Block> given) {
    for (Block& block : given) blocks.push_back(std::move(block));
  };
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    FileLine line = {bytes.substr(at, end - at),
                     end < bytes.size() ? "\n" : ""};
    if (line.text.ends_with('\r')) {
      line.text.pop_back();
      line.ending.insert(0, 1, '\r');
    }
    at = end + 1;
    take(parser->Add(std::move(line)));
  }
  take(parser->End());
  return blocks;
}

// What is written where each text is put in brackets within its line ends.
inline std::string Bracketed(std::string_view format,
                             const std::string& bytes) {
  std::string written;
  for (const Block& block : BlocksOf(format, bytes)) {
    std::vector<std::string> become;
    for (std::string text : block.texts) {
      const bool ends = text.ends_with('\n');
      if (ends) text.pop_back();
      become.push_back("[" + text + "]" + (ends ? "\n" : ""));
    }
    written += block.texts.empty() ? block.bytes : block.write(become);
  }
  return written;
}

}  // namespace tessera::tools

#endif  // TESSERA_TESTS_TOOLS_BLOCKS_H_
