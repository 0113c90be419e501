// What a line of input holds beside its text.
#ifndef TESSERA_TOOLS_TESSERA_LINE_FORMAT_H_
#define TESSERA_TOOLS_TESSERA_LINE_FORMAT_H_

#include <tessera/options.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::tools {

// The text of a line, and how it is to be translated.
struct LineContent {
  std::string text = {};
  TranslateOptions options = {};
  std::string error = {};  // why there is no text; empty if there is
};

// Takes lines apart and puts their translations where the texts were.
class LineFormat {
 public:
  virtual ~LineFormat() = default;

  // `options` are those of a line that says nothing else.
  virtual LineContent Read(const std::string& line,
                           const TranslateOptions& options) const = 0;

  // The line of text output, without its end. Requires that Read found a text.
  virtual std::string Write(const std::string& line,
                            const std::string& translated) const = 0;

  // The line of JSON output, from the object that ToJson makes of the text.
  virtual std::string WriteJson(const std::string& line,
                                const std::string& object) const = 0;
};

// The format of a name. Throws Error, naming the option, for a column that it
// cannot have.
//   text   the line is the text
//   tsv    fields with tabs between; the text is field `column`, from 1 (1),
//          which its translation replaces. JSON has all in "fields".
//   jsonl  an object; the text is the string under `column` ("text"). Outputs
//          are the object with "translation" added, or in JSON what ToJson
//          writes. "options" may hold what json_options.h has.
std::unique_ptr<LineFormat> MakeLineFormat(
    std::string_view name, const std::optional<std::string>& column);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_LINE_FORMAT_H_
