// A text with tags: what of it is translated, and its translation with them.
#ifndef TESSERA_TOOLS_SERVE_MARKUP_MARKUP_H_
#define TESSERA_TOOLS_SERVE_MARKUP_MARKUP_H_

#include <tessera/translation.h>

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/markup/run.h"
#include "tools/serve/markup/tokens.h"

namespace tessera::tools::serve {

// Open elements inside of one another: of a run, or of an XML text.
inline constexpr std::size_t kMaxMarkupDepth = 512;

struct MarkupRules {
  MarkupKind kind = MarkupKind::kHtml;
  // Of XML, by name: elements that stay as they are, that end a run, that do
  // not. Of all others an element ends a run unless text stands beside it.
  std::set<std::string> ignored = {};
  std::set<std::string> splitting = {};
  std::set<std::string> not_splitting = {};
  bool outline = true;  // false: others do not end a run
};

// Blocks cut a text into runs; their tags, what no one reads as text, and what
// says translate="no" stay byte for byte where they are. Tags inside of runs
// follow their words. White space of a run becomes one space, but for <pre>.
class Markup {
 public:
  // Throws Error for XML that is not well-formed, and for tags more than
  // kMaxMarkupDepth deep.
  Markup(std::string text, const MarkupRules& rules);
  Markup(const Markup&) = delete;  // runs look into the text
  Markup& operator=(const Markup&) = delete;

  const std::vector<Run>& runs() const { return runs_; }

  // The text with translations in place of its runs, one for each.
  std::string Put(std::span<const Translation> translations) const;

 private:
  friend class MarkupBuilder;
  // What stays as it is, up to a run or the end.
  std::vector<std::string_view> between_ = {};  // one more than runs
  std::vector<Run> runs_ = {};
  std::string text_;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_MARKUP_MARKUP_H_
