// What texts are searched for: strings and regular expressions.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_PATTERN_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_PATTERN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/pipeline/node.h"
#include "engine/tokenizer/pipeline/segment.h"

namespace tessera::engine {

// Immutable: any number of threads may use one; copies share it.
class Pattern {
 public:
  // {"String": ...} or {"Regex": ...}. The expressions are Oniguruma's, as
  // Hugging Face's library has them, and run on ICU's: of the escapes \s \S \w
  // \W \d \D \p \P \n \r \t \f, \u and \x with their digits, and marks; groups
  // (?: (?= (?! (?<= (?<! (?> (?i: . Throws Error for anything else.
  static Pattern Read(const Node& node);
  static Pattern Regex(const std::string& where, std::string_view expression);
  // The same in ICU's own words. "^" and "$" are the text's, "." is no line
  // end.
  static Pattern Icu(const std::string& where, std::string_view expression);
  static Pattern Literal(std::string text);

  // The matches, ascending. Throws TextError if ICU gives up: the time that an
  // expression takes is bounded.
  std::vector<Range> Find(std::string_view text) const;

 private:
  struct Compiled;
  static Pattern Compile(const std::string& where, std::string_view expression,
                         const std::string& icu, std::uint32_t flags);

  std::string literal_;
  std::shared_ptr<const Compiled> regex_;
};

// The text with each match replaced. Throws TextError for more than
// kMostNormalBytes: components one behind another could make anything of 64
// KiB.
inline constexpr std::size_t kMostNormalBytes = std::size_t{16} << 20;
std::string Replace(std::string_view text, const std::vector<Range>& matches,
                    std::string_view content);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_PATTERN_H_
