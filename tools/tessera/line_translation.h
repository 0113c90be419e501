// Lines in, translations out, in the same order.
#ifndef TESSERA_TOOLS_TESSERA_LINE_TRANSLATION_H_
#define TESSERA_TOOLS_TESSERA_LINE_TRANSLATION_H_

#include <tessera/stream.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "tools/tessera/common_options.h"
#include "tools/tessera/line_format.h"
#include "tools/tessera/line_reader.h"
#include "tools/tessera/output.h"
#include "tools/tessera/progress.h"

namespace tessera::tools {

// Translates all lines of an input. Text output keeps the white space at the
// beginning and the end of a line, and lines of nothing else. A line that fails
// gives an empty line, or in JSON an object with "error", and a message with
// its number.
class LineTranslation {
 public:
  struct Options {
    bool json = false;
    ShownAlignments alignments = ShownAlignments::kNone;
    TranslateOptions translate = {};  // of lines that say nothing else
    std::size_t skipped = 0;          // lines that were translated before
  };

  // All four must outlive it.
  LineTranslation(Stream& stream, LineReader& input, const LineFormat& format,
                  Output& output, Progress& progress, const Options& options);

  // Returns the number of lines that failed. A translation is written as soon
  // as it is finished, whether more input comes or not.
  std::size_t Run();

 private:
  // A line whose translation has not been written.
  struct Pending {
    std::string line;  // without its end; empty if it was too long
    std::string text;  // what is translated of it
    std::size_t number;
    std::uint64_t end;  // where it ends in the input
    std::string error;  // why nothing is
  };

  void Skip();
  bool Read();
  void Push(Pending line, const TranslateOptions& options);
  void Write(Translation translation);
  std::string Format(const Pending& line, const Translation& translation) const;

  Stream& stream_;
  LineReader& input_;
  const LineFormat& format_;
  Output& output_;
  Progress& progress_;
  Options options_;
  std::deque<Pending> pending_;
  std::size_t pending_bytes_ = 0;  // of their texts
  std::size_t lines_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_LINE_TRANSLATION_H_
