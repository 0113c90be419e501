// States of the HTML Standard's tokeniser as searches for what ends them.
#include "tools/serve/markup/tokens.h"

#include <algorithm>
#include <array>

#include "tools/serve/http.h"

namespace tessera::tools::serve {
namespace {

using Kind = MarkupToken::Kind;

// Elements whose content has no tags; of these two it is text.
constexpr std::array<std::string_view, 6> kRaw = {
    "script", "style", "xmp", "iframe", "noembed", "noframes"};
constexpr std::array<std::string_view, 2> kRawText = {"title", "textarea"};

bool IsOneOf(std::string_view name, const auto& names) {
  return std::ranges::find(names, name) != names.end();
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Whether one of a value's words, by white space, is `word`.
bool HasWord(std::string_view value, std::string_view word) {
  for (std::size_t begin = 0; begin < value.size();) {
    std::size_t end = begin;
    while (end < value.size() && !IsMarkupSpace(value[end])) ++end;
    if (value.substr(begin, end - begin) == word) return true;
    begin = end + 1;
  }
  return false;
}

// What stands behind a tag's name.
struct Attributes {
  std::size_t end = 0;  // behind '>'; 0 if there is none
  bool closes_itself = false;
  bool untranslated = false;
};

class AttributeReader {
 public:
  AttributeReader(std::string_view tag, std::size_t at) : tag_(tag), at_(at) {}

  Attributes Read() {
    while (true) {
      while (Has() && (IsMarkupSpace(tag_[at_]) || tag_[at_] == '/')) ++at_;
      if (!Has()) return {};
      if (tag_[at_] == '>') {
        read_.closes_itself = tag_[at_ - 1] == '/';
        read_.end = at_ + 1;
        return read_;
      }
      const std::size_t begin = at_++;  // a '=' in front is of the name
      while (Has() && !EndsName(tag_[at_])) ++at_;
      const std::string name = Lower(tag_.substr(begin, at_ - begin));
      SkipSpace();
      if (!Has() || tag_[at_] != '=') continue;
      ++at_;
      SkipSpace();
      if (!Has()) return {};
      Note(name, Value());
    }
  }

 private:
  bool Has() const { return at_ < tag_.size(); }
  static bool EndsName(char c) {
    return IsMarkupSpace(c) || c == '/' || c == '>' || c == '=';
  }
  void SkipSpace() {
    while (Has() && IsMarkupSpace(tag_[at_])) ++at_;
  }

  // A quote that does not end takes all.
  std::string_view Value() {
    const char quote = tag_[at_];
    if (quote == '"' || quote == '\'') {
      const std::size_t begin = ++at_;
      const std::size_t end = std::min(tag_.find(quote, begin), tag_.size());
      at_ = std::min(end + 1, tag_.size());
      return tag_.substr(begin, end - begin);
    }
    const std::size_t begin = at_;
    while (Has() && !IsMarkupSpace(tag_[at_]) && tag_[at_] != '>') ++at_;
    return tag_.substr(begin, at_ - begin);
  }

  void Note(std::string_view name, std::string_view value) {
    if (name == "translate" && Lower(value) == "no") read_.untranslated = true;
    if (name == "class" && HasWord(value, "notranslate")) {
      read_.untranslated = true;
    }
  }

  std::string_view tag_;
  std::size_t at_;
  Attributes read_;
};

}  // namespace

bool IsMarkupSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::optional<MarkupToken> MarkupTokenizer::Next() {
  if (rest_.empty()) return std::nullopt;
  if (const std::size_t text = FindMarkup(); text > 0) {
    const bool is_text = raw_.empty() || IsOneOf(raw_, kRawText);
    return Take(is_text ? Kind::kText : Kind::kOther, text);
  }
  raw_.clear();
  if (rest_[1] == '!') return TakeDeclaration();
  if (rest_[1] == '?') {
    return TakeThrough(kind_ == MarkupKind::kXml ? "?>" : ">");
  }
  if (rest_[1] != '/') return TakeTag(false);
  return BeginsName(2) ? TakeTag(true) : TakeThrough(">");
}

// Where the next token that is no text begins.
std::size_t MarkupTokenizer::FindMarkup() const {
  for (std::size_t at = 0;; ++at) {
    at = rest_.find('<', at);
    if (at == std::string_view::npos || at + 1 == rest_.size()) {
      return rest_.size();
    }
    const char next = rest_[at + 1];
    if (raw_.empty()) {
      if (next == '/' || next == '!' || next == '?' || BeginsName(at + 1)) {
        return at;
      }
      continue;
    }
    const std::size_t behind = at + 2 + raw_.size();
    if (next != '/' || behind >= rest_.size()) continue;
    const char end = rest_[behind];
    if (Lower(rest_.substr(at + 2, raw_.size())) == raw_ &&
        (IsMarkupSpace(end) || end == '/' || end == '>')) {
      return at;
    }
  }
}

bool MarkupTokenizer::BeginsName(std::size_t at) const {
  if (at >= rest_.size()) return false;
  const char c = rest_[at];
  if (IsLetter(c)) return true;
  return kind_ == MarkupKind::kXml &&
         (c == '_' || c == ':' || (static_cast<unsigned char>(c) & 0x80) != 0);
}

MarkupToken MarkupTokenizer::Take(MarkupToken::Kind kind, std::size_t bytes) {
  MarkupToken token = {.kind = kind, .bytes = rest_.substr(0, bytes)};
  rest_.remove_prefix(token.bytes.size());
  return token;
}

// All that is left if the end does not come.
MarkupToken MarkupTokenizer::TakeThrough(std::string_view end) {
  const std::size_t at = rest_.find(end);
  return Take(Kind::kOther,
              at == std::string_view::npos ? rest_.size() : at + end.size());
}

MarkupToken MarkupTokenizer::TakeDeclaration() {
  if (rest_.starts_with("<!-->")) return Take(Kind::kOther, 5);
  if (rest_.starts_with("<!--->")) return Take(Kind::kOther, 6);
  if (kind_ == MarkupKind::kXml && rest_.starts_with("<![CDATA[")) {
    return TakeThrough("]]>");
  }
  if (!rest_.starts_with("<!--")) return TakeThrough(">");
  const std::size_t plain = rest_.find("-->", 4);
  const std::size_t bang = rest_.substr(0, plain).find("--!>", 4);
  if (bang != std::string_view::npos) return Take(Kind::kOther, bang + 4);
  return Take(Kind::kOther,
              plain == std::string_view::npos ? rest_.size() : plain + 3);
}

MarkupToken MarkupTokenizer::TakeTag(bool is_end) {
  const std::size_t begin = is_end ? 2 : 1;
  std::size_t end = begin;
  while (end < rest_.size() && !IsMarkupSpace(rest_[end]) &&
         rest_[end] != '/' && rest_[end] != '>') {
    ++end;
  }
  const Attributes attributes = AttributeReader(rest_, end).Read();
  if (attributes.end == 0) return Take(Kind::kOther, rest_.size());
  std::string name(rest_.substr(begin, end - begin));
  MarkupToken tag = Take(is_end ? Kind::kEnd : Kind::kStart, attributes.end);
  tag.name = kind_ == MarkupKind::kHtml ? Lower(name) : std::move(name);
  tag.closes_itself = attributes.closes_itself;
  tag.untranslated = attributes.untranslated;
  if (kind_ == MarkupKind::kHtml && !is_end) {
    if (IsOneOf(tag.name, kRaw) || IsOneOf(tag.name, kRawText)) raw_ = tag.name;
    if (tag.name == "plaintext") raw_ = "plaintext>";  // which nothing ends
  }
  return tag;
}

}  // namespace tessera::tools::serve
