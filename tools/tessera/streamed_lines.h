// Lines in, translations out while they come.
#ifndef TESSERA_TOOLS_TESSERA_STREAMED_LINES_H_
#define TESSERA_TOOLS_TESSERA_STREAMED_LINES_H_

#include <tessera/translator.h>

#include <cstddef>
#include <string>

#include "tools/tessera/output.h"
#include "tools/tessera/progress.h"
#include "tools/tessera/text_source.h"

namespace tessera::tools {

// Translates the lines of an input one after another, and writes of each what
// is certain as soon as it is. What it writes in the end is what
// LineWriter writes, but of a line that fails what had come.
class StreamedLines {
 public:
  // All must outlive it.
  StreamedLines(const Translator& translator, const TranslateOptions& options,
                TextSource& input, Output& output, Progress& progress)
      : translator_(translator),
        options_(options),
        input_(input),
        output_(output),
        progress_(progress) {}

  // Returns the number of lines that failed.
  std::size_t Run();
  std::size_t texts() const { return texts_; }  // lines read

 private:
  Translation Translate(const std::string& line);

  const Translator& translator_;
  const TranslateOptions& options_;
  TextSource& input_;
  Output& output_;
  Progress& progress_;
  std::size_t texts_ = 0;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_STREAMED_LINES_H_
