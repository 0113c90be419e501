// Lines in, translations out, in the same order.
#ifndef TESSERA_TOOLS_TESSERA_TRANSLATION_STREAM_H_
#define TESSERA_TOOLS_TESSERA_TRANSLATION_STREAM_H_

#include <tessera/translator.h>

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
class TranslationStream {
 public:
  struct Options {
    bool json = false;
    TranslateOptions translate;
  };

  // All four must outlive the stream.
  TranslationStream(const Translator& translator, LineReader& input,
                    Output& output, Progress& progress, const Options& options);

  // Returns the number of lines that failed. When input pauses (someone types,
  // or a program waits for its answer) what has come is translated and written.
  std::size_t Run();

 private:
  // A line that was handed to the translator and has not come back.
  struct Pending {
    std::size_t number;
    std::uint64_t end;  // where it ends in the input
    std::string error;  // why it needs no translation
  };

  std::optional<std::string> Read();
  void Write(const std::string& source, Translation translation);

  const Translator& translator_;
  LineReader& input_;
  Output& output_;
  Progress& progress_;
  Options options_;
  std::deque<Pending> pending_;
  std::size_t lines_ = 0;
  std::size_t failed_ = 0;
  bool ended_ = false;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_TRANSLATION_STREAM_H_
