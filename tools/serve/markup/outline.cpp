// Elements beside which there is text are parts of it, and so is what they
// hold.
#include "tools/serve/markup/outline.h"

#include <cstddef>
#include <string>

#include "models/files/message.h"

namespace tessera::tools::serve {
namespace {

using Kind = MarkupToken::Kind;

struct Element {
  std::size_t start = 0;  // its tokens
  std::size_t end = 0;
  std::size_t parent = 0;
  bool has_text = false;
};

bool IsBlank(std::string_view text) {
  for (const char c : text) {
    if (!IsMarkupSpace(c)) return false;
  }
  return true;
}

// The elements, parents before children; the first stands for what has none.
std::vector<Element> Elements(const std::vector<MarkupToken>& tokens) {
  std::vector<Element> elements = {{}};
  std::vector<std::size_t> open = {0};
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const MarkupToken& token = tokens[i];
    if (token.kind == Kind::kText && !IsBlank(token.bytes)) {
      elements[open.back()].has_text = true;
    }
    if (token.kind == Kind::kStart) {
      open.push_back(elements.size());
      elements.push_back(
          {.start = i, .end = i, .parent = open[open.size() - 2]});
      if (open.size() > kMaxMarkupDepth) {
        models::Refuse(
            "xml", models::Cat("elements at most ", kMaxMarkupDepth, " deep"),
            "deeper ones");
      }
    }
    const bool ends = token.kind == Kind::kEnd || token.closes_itself;
    if (!ends) continue;
    if (open.size() == 1 ||
        tokens[elements[open.back()].start].name != token.name) {
      models::Refuse("xml", "an end for each start of an element",
                     models::QuoteText("</" + token.name + ">"));
    }
    elements[open.back()].end = i;
    open.pop_back();
  }
  if (open.size() == 1) return elements;
  models::Refuse(
      "xml", "an end for each start of an element",
      models::Cat("none of ",
                  models::QuoteText(tokens[elements[open.back()].start].name)));
}

}  // namespace

std::vector<bool> XmlOutline(const std::vector<MarkupToken>& tokens,
                             const MarkupRules& rules) {
  std::vector<bool> cuts(tokens.size(), false);
  const std::vector<Element> elements = Elements(tokens);
  std::vector<bool> in_text(elements.size(), false);
  in_text[0] = elements[0].has_text;
  for (std::size_t i = 1; i < elements.size(); ++i) {
    const Element& element = elements[i];
    const std::string& name = tokens[element.start].name;
    const bool beside_text =
        in_text[element.parent] || elements[element.parent].has_text;
    const bool cut =
        rules.splitting.contains(name) ||
        (rules.outline && !beside_text && !rules.not_splitting.contains(name));
    in_text[i] = beside_text && !cut;
    cuts[element.start] = cuts[element.end] = cut;
  }
  return cuts;
}

}  // namespace tessera::tools::serve
