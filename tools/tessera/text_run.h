// Texts in, outputs of the model out, in the same order.
#ifndef TESSERA_TOOLS_TESSERA_TEXT_RUN_H_
#define TESSERA_TOOLS_TESSERA_TEXT_RUN_H_

#include <tessera/stream.h>

#include <cstddef>
#include <deque>
#include <string>

#include "tools/tessera/progress.h"
#include "tools/tessera/text_source.h"
#include "tools/tessera/text_writer.h"

namespace tessera::tools {

// Runs all texts of a source through a model. One that fails is written as a
// failure, and a message names it; so does one that was cut.
class TextRun {
 public:
  struct Options {
    std::string prefix = {};  // read in front of every text that is not blank
    bool truncates = false;   // else messages tell of --truncate
    std::size_t skipped = 0;  // texts whose outputs have been written before
  };

  // All four must outlive it.
  TextRun(Stream& stream, TextSource& source, TextWriter& writer,
          Progress& progress, Options options);

  // Returns the number of texts that failed. An output is written as soon as it
  // is finished, whether more input comes or not.
  std::size_t Run();
  // Texts written.
  std::size_t texts() const { return texts_; }

 private:
  void Skip();
  bool Read();
  void Push(SourceText text);
  void Write(Translation translation);
  void Report(const SourceText& text, const Translation& translation);

  Stream& stream_;
  TextSource& source_;
  TextWriter& writer_;
  Progress& progress_;
  const Options options_;
  std::deque<SourceText> pending_;  // whose outputs have not been written
  std::size_t pending_bytes_ = 0;   // of their texts and lines
  std::size_t texts_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_TEXT_RUN_H_
