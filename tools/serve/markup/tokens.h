// HTML or XML as tags, texts and what stands between, byte for byte.
#ifndef TESSERA_TOOLS_SERVE_MARKUP_TOKENS_H_
#define TESSERA_TOOLS_SERVE_MARKUP_TOKENS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::tools::serve {

enum class MarkupKind { kHtml, kXml };

struct MarkupToken {
  enum class Kind {
    kText,   // with character references
    kStart,  // <a href="x">
    kEnd,    // </a>
    kOther,  // comments, declarations, scripts, a tag that does not end
  };
  Kind kind = Kind::kText;
  std::string_view bytes = {};  // of the markup: all tokens are all of it
  std::string name = {};        // of a tag, in HTML in lower case
  bool closes_itself = false;   // <br/>
  // translate="no", or the class "notranslate".
  bool untranslated = false;
};

// Cuts markup as the tokeniser of the HTML Standard does. That of a tree would
// not do: a tree has tags that nobody wrote, and lacks some that were. Takes
// time in proportion to the bytes.
class MarkupTokenizer {
 public:
  MarkupTokenizer(std::string_view markup, MarkupKind kind)
      : rest_(markup), kind_(kind) {}

  // The next token; nullopt behind the last.
  std::optional<MarkupToken> Next();

 private:
  MarkupToken Take(MarkupToken::Kind kind, std::size_t bytes);
  MarkupToken TakeThrough(std::string_view end);
  MarkupToken TakeTag(bool is_end);
  MarkupToken TakeDeclaration();
  std::size_t FindMarkup() const;
  bool BeginsName(std::size_t at) const;

  std::string_view rest_;
  MarkupKind kind_;
  // Up to whose end tag nothing is a tag; empty: none.
  std::string raw_ = {};
};

bool IsMarkupSpace(char c);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_MARKUP_TOKENS_H_
