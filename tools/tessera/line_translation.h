// Lines in, translations out, in the same order.
#ifndef TESSERA_TOOLS_TESSERA_LINE_TRANSLATION_H_
#define TESSERA_TOOLS_TESSERA_LINE_TRANSLATION_H_

#include <tessera/stream.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "tools/tessera/line_reader.h"
#include "tools/tessera/output.h"
#include "tools/tessera/progress.h"

namespace tessera::tools {

// Translates all lines of an input. A line that fails gives an empty line, or
// in JSON an object with "error", and a message with its number.
class LineTranslation {
 public:
  struct Options {
    bool json = false;
  };

  // All four must outlive it.
  LineTranslation(Stream& stream, LineReader& input, Output& output,
                  Progress& progress, const Options& options);

  // Returns the number of lines that failed. A translation is written as soon
  // as it is finished, whether more input comes or not.
  std::size_t Run();
  // Lines read.
  std::size_t lines() const { return lines_; }

 private:
  // A line whose translation has not been written.
  struct Pending {
    std::string text;
    std::size_t number;
    std::uint64_t end;  // where it ends in the input
    bool too_long;      // it was not kept
  };

  bool Read();
  void Write(Translation translation);

  Stream& stream_;
  LineReader& input_;
  Output& output_;
  Progress& progress_;
  Options options_;
  std::deque<Pending> pending_;
  std::size_t lines_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_LINE_TRANSLATION_H_
