// Catalogues of messages, as gettext has them.
#ifndef TESSERA_TOOLS_TESSERA_FORMATS_PO_H_
#define TESSERA_TOOLS_TESSERA_FORMATS_PO_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/tessera/formats/block.h"

namespace tessera::tools {

// A block is an entry with the comments before it. The msgid of one whose
// msgstr is empty is translated; all else stays byte for byte: comments,
// contexts, entries that have a translation, fuzzy ones too, obsolete ones
// ("#~"), the header.
//
// What was translated is marked "fuzzy", as gettext marks what a translator
// has not seen: msgfmt leaves it out until then, or takes it with --use-fuzzy;
// msgattrib --clear-fuzzy lets all through. Of plural forms the first is made
// of msgid, the others of msgid_plural, as many as the header's nplurals, or
// else as the entry has; where there is one form, of msgid_plural. Text with
// line ends is written a line each.
//
// Where a flag says "c-format" or any other format, what it takes for a
// conversion is kept: "% d", "20%off", "%<PRIu64>", Qt's "%1", too.
//
// An own parser, not libgettextpo: that one writes files anew in its own form,
// and an error handler of it must not return, while here a damaged entry is
// passed on and named, and the others are translated.
class PoParser final : public BlockParser {
 public:
  explicit PoParser(bool keeps_formats) : keeps_formats_(keeps_formats) {}

 private:
  struct Entry {
    std::optional<std::string> context = {};
    std::optional<std::string> id = {};
    std::optional<std::string> plural = {};
    std::vector<std::string> strings = {};
    std::size_t id_line = 0;                     // of the word msgid
    std::size_t first_str = 0;                   // of the word msgstr
    std::size_t after_str = 0;                   // behind the last string
    std::optional<std::size_t> flags_line = {};  // the first "#, ..."
    std::string flags = {};                      // of all of them
    std::optional<std::size_t> begin = {};  // what "#, fuzzy" stands before
  };

  void Take() override;
  void TakeEnd() override;
  void TakeComment(std::string_view text);
  void TakeWord(std::string_view text);
  void TakeString(std::string_view text, std::string& to);
  std::string* FieldOf(std::string_view word);
  void Complain(std::string message);
  void Flush(std::size_t count);
  Block MakeBlock(std::size_t count);
  Block MakeTranslated(std::size_t count) const;
  void ReadHeader(const std::string& header);

  const bool keeps_formats_;
  std::size_t forms_ = 0;  // the header's nplurals
  Entry entry_;
  std::string* open_ = nullptr;  // the field that strings go on with
  std::string error_;            // of the entry, the first
  std::size_t error_line_ = 0;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_FORMATS_PO_H_
