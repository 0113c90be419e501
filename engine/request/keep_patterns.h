// What of a text comes through a translation unchanged, as patterns find it.
#ifndef TESSERA_ENGINE_REQUEST_KEEP_PATTERNS_H_
#define TESSERA_ENGINE_REQUEST_KEEP_PATTERNS_H_

#include <tessera/options.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/pipeline/pattern.h"
#include "engine/tokenizer/pipeline/segment.h"

namespace tessera::engine {

// Immutable: any number of threads may use one.
class KeepPatterns {
 public:
  // Of keep and keep_placeholders; nullptr if they name nothing. Throws Error,
  // naming the option, for an expression that is none, more than
  // kMaxKeepPatterns, and beside an option of a text's output as a whole.
  static std::shared_ptr<const KeepPatterns> Of(
      const TranslateOptions& options);

  // What is to be kept of a text, ascending. Matches that overlap are one span;
  // empty ones are none. Requires well-formed UTF-8 of less than 2 GiB. Throws
  // TextError where ICU gives up: the time of an expression is bounded.
  std::vector<Range> Find(std::string_view text) const;

  // Whether an output has what it must, the texts of a source's spans:
  //   - the patterns find each of them in it as often as in the source;
  //   - they find no tag or placeholder that the source has not;
  //   - printf's conversions and "{}", which take their values by their places,
  //     stand in the source's order;
  //   - tags are nested, if the source's are.
  // False also where ICU gives up.
  bool AreKept(std::span<const std::string> kept,
               std::string_view output) const;

 private:
  std::vector<Pattern> patterns_;
};

// The texts of spans.
std::vector<std::string> TextsOf(std::string_view text,
                                 std::span<const Range> spans);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_KEEP_PATTERNS_H_
