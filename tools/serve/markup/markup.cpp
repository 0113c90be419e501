// Runs are put together token by token.
#include "tools/serve/markup/markup.h"

#include <algorithm>
#include <array>
#include <utility>

#include "models/files/message.h"
#include "tools/serve/markup/outline.h"
#include "tools/serve/markup/placement.h"
#include "tools/serve/markup/references.h"
#include "tools/serve/markup/words.h"

namespace tessera::tools::serve {
namespace {

using Kind = MarkupToken::Kind;

// Elements of HTML that a sentence does not go across.
constexpr std::string_view kBlocks[] = {
    "address",  "article",  "aside",    "audio",    "base",      "blockquote",
    "body",     "br",       "button",   "canvas",   "caption",   "center",
    "col",      "colgroup", "datalist", "dd",       "details",   "dialog",
    "dir",      "div",      "dl",       "dt",       "fieldset",  "figcaption",
    "figure",   "footer",   "form",     "frame",    "frameset",  "h1",
    "h2",       "h3",       "h4",       "h5",       "h6",        "head",
    "header",   "hgroup",   "hr",       "html",     "iframe",    "input",
    "legend",   "li",       "link",     "main",     "menu",      "meta",
    "nav",      "noembed",  "noframes", "noscript", "object",    "ol",
    "optgroup", "option",   "p",        "picture",  "plaintext", "pre",
    "script",   "search",   "section",  "select",   "style",     "summary",
    "table",    "tbody",    "td",       "template", "textarea",  "tfoot",
    "th",       "thead",    "title",    "tr",       "ul",        "video",
    "xmp"};
// Without an end.
constexpr std::string_view kVoid[] = {
    "area",  "base",   "br",   "col",  "embed", "frame",  "hr",    "img",
    "input", "keygen", "link", "meta", "param", "source", "track", "wbr"};
// Whose content is no text to translate, and those of them where "/>" ends one.
constexpr std::string_view kUntouched[] = {
    "code",  "iframe",   "kbd", "noembed", "noframes", "samp", "script",
    "style", "template", "var", "xmp",     "svg",      "math"};
constexpr std::string_view kForeign[] = {"svg", "math"};

bool IsOneOf(std::string_view name, const auto& names) {
  return std::ranges::find(names, name) != std::end(names);
}

bool IsBlank(std::string_view text) {
  while (!text.empty()) {
    if (IsMarkupSpace(text.front())) {
      text.remove_prefix(1);
    } else if (text.starts_with("\u00A0")) {
      text.remove_prefix(2);
    } else {
      return false;
    }
  }
  return true;
}

std::vector<MarkupToken> Tokens(std::string_view text, MarkupKind kind) {
  std::vector<MarkupToken> tokens;
  MarkupTokenizer tokenizer(text, kind);
  while (auto token = tokenizer.Next()) tokens.push_back(std::move(*token));
  return tokens;
}

}  // namespace

class MarkupBuilder {
 public:
  MarkupBuilder(Markup& markup, const MarkupRules& rules)
      : markup_(markup),
        text_(markup.text_),
        rules_(rules),
        tokens_(Tokens(text_, rules.kind)) {
    if (IsXml()) cuts_ = XmlOutline(tokens_, rules);
  }

  void Build() {
    for (std::size_t i = 0; i < tokens_.size();) {
      const std::size_t end = Add(i);
      for (; i < end; ++i) at_ += tokens_[i].bytes.size();
    }
    EndRun();
    markup_.between_.push_back(text_.substr(kept_));
  }

 private:
  struct Open {
    std::string name;
    std::size_t mark;
  };

  bool IsXml() const { return rules_.kind == MarkupKind::kXml; }

  // Adds a token, and what belongs to it; the token behind.
  std::size_t Add(std::size_t number) {
    const MarkupToken& token = tokens_[number];
    if (token.kind == Kind::kText) {
      AddText(token.bytes);
      return number + 1;
    }
    if (token.kind == Kind::kStart && IsUntouched(token)) {
      const std::size_t end = EndOfElement(number);
      std::size_t bytes = 0;
      for (std::size_t i = number; i < end; ++i)
        bytes += tokens_[i].bytes.size();
      Cuts(number) ? EndRun() : AddPoint(text_.substr(at_, bytes));
      return end;
    }
    if (token.kind == Kind::kOther) {
      AddPoint(token.bytes);
    } else if (Cuts(number)) {
      EndRun();
      NoteVerbatim(token);
    } else if (token.kind == Kind::kStart) {
      Start(token);
    } else {
      Close(token);
    }
    return number + 1;
  }

  bool Cuts(std::size_t number) const {
    if (IsXml()) return cuts_[number];
    return IsOneOf(tokens_[number].name, kBlocks);
  }

  bool IsUntouched(const MarkupToken& token) const {
    if (token.untranslated) return true;
    return IsXml() ? rules_.ignored.contains(token.name)
                   : IsOneOf(token.name, kUntouched);
  }

  // Whether the element is its start alone.
  bool IsEmpty(const MarkupToken& start) const {
    if (IsXml() || IsOneOf(start.name, kForeign)) return start.closes_itself;
    return IsOneOf(start.name, kVoid);
  }

  // The token behind the element; the last one's if it does not end.
  std::size_t EndOfElement(std::size_t number) const {
    const std::string& name = tokens_[number].name;
    if (IsEmpty(tokens_[number])) return number + 1;
    std::size_t depth = 0;
    for (std::size_t i = number; i < tokens_.size(); ++i) {
      const MarkupToken& token = tokens_[i];
      if (token.name != name) continue;
      if (token.kind == Kind::kStart && !IsEmpty(token)) ++depth;
      if (token.kind == Kind::kEnd && --depth == 0) return i + 1;
    }
    return tokens_.size();
  }

  void NoteVerbatim(const MarkupToken& token) {
    if (token.name != "pre" && token.name != "textarea") return;
    verbatim_ = token.kind == Kind::kStart;
  }

  void Begin() {
    if (begun_) return;
    begun_ = true;
    run_begin_ = at_;
  }

  void AddText(std::string_view text) {
    Begin();
    while (!text.empty()) {
      const std::size_t plain = std::min(text.find('&'), text.size());
      AddCharacters(text.substr(0, plain));
      text.remove_prefix(plain);
      if (text.empty()) break;
      const Reference reference = ReadReference(text, rules_.kind);
      if (reference.bytes == 0) {
        AddCharacters("&");
        text.remove_prefix(1);
        continue;
      }
      if (reference.character.empty()) {
        AddPoint(text.substr(0, reference.bytes));
      } else {
        AddCharacters(reference.character);
      }
      text.remove_prefix(reference.bytes);
    }
  }

  void AddCharacters(std::string_view text) {
    std::string& to = run_.text;
    for (const char c : text) {
      if (verbatim_ || !IsMarkupSpace(c)) {
        to += c;
      } else if (!to.empty() && to.back() != ' ') {
        to += ' ';
      }
    }
  }

  void AddMark(Mark::Kind kind, std::string_view bytes) {
    Begin();
    const auto begin = static_cast<std::size_t>(bytes.data() - text_.data());
    const std::size_t end = begin + bytes.size();
    run_.marks.push_back(
        {.kind = kind,
         .bytes = bytes,
         .at = run_.text.size(),
         .space_before = begin > 0 && IsMarkupSpace(text_[begin - 1]),
         .space_behind = end < text_.size() && IsMarkupSpace(text_[end])});
  }

  void AddPoint(std::string_view bytes) { AddMark(Mark::Kind::kPoint, bytes); }

  void Start(const MarkupToken& token) {
    // A point until its end comes.
    AddPoint(token.bytes);
    if (IsEmpty(token)) return;
    open_.push_back({token.name, run_.marks.size() - 1});
    if (open_.size() <= kMaxMarkupDepth) return;
    models::Refuse("html",
                   models::Cat("elements at most ", kMaxMarkupDepth, " deep"),
                   "deeper ones");
  }

  // Those that began within and have not ended stay points.
  void Close(const MarkupToken& token) {
    AddPoint(token.bytes);
    const auto found =
        std::find_if(open_.rbegin(), open_.rend(),
                     [&](const Open& open) { return open.name == token.name; });
    if (found == open_.rend()) return;
    run_.marks[found->mark].kind = Mark::Kind::kStart;
    run_.marks.back().kind = Mark::Kind::kEnd;
    open_.erase(found.base() - 1, open_.end());
  }

  // White space round a run stays, and so does a run without text.
  void EndRun() {
    if (!std::exchange(begun_, false)) return;
    Run run = std::exchange(run_, {});
    open_.clear();
    if (IsBlank(run.text)) return;
    std::size_t begin = run_begin_, end = at_;
    while (IsMarkupSpace(text_[begin])) ++begin;
    while (IsMarkupSpace(text_[end - 1])) --end;
    Trim(run);
    markup_.between_.push_back(text_.substr(kept_, begin - kept_));
    markup_.runs_.push_back(std::move(run));
    kept_ = end;
  }

  static void Trim(Run& run) {
    std::size_t front = 0;
    while (IsMarkupSpace(run.text[front])) ++front;
    while (IsMarkupSpace(run.text.back())) run.text.pop_back();
    run.text.erase(0, front);
    for (Mark& mark : run.marks) {
      mark.at = std::min(mark.at - std::min(mark.at, front), run.text.size());
    }
  }

  Markup& markup_;
  std::string_view text_;
  const MarkupRules& rules_;
  std::vector<MarkupToken> tokens_;
  std::vector<bool> cuts_;  // of XML, by token
  Run run_ = {};
  std::vector<Open> open_ = {};  // elements of the run
  std::size_t at_ = 0;           // bytes: of the token that is added
  std::size_t run_begin_ = 0;
  std::size_t kept_ = 0;  // where what stays behind the last run begins
  bool begun_ = false;    // the run
  bool verbatim_ = false;
};

Markup::Markup(std::string text, const MarkupRules& rules)
    : text_(std::move(text)) {
  MarkupBuilder(*this, rules).Build();
}

std::string Markup::Put(std::span<const Translation> translations) const {
  std::string put;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    put += between_[i];
    const std::string_view output = translations[i].text();
    if (runs_[i].marks.empty()) {
      AppendEscaped(output, put);
      continue;
    }
    put += PlaceMarks(runs_[i], output,
                      OutputWords(runs_[i].text, translations[i]));
  }
  put += between_.back();
  return put;
}

}  // namespace tessera::tools::serve
