// Patterns on ICU: the expression in ICU's words, a search in UTF-8.
#include "engine/tokenizer/pipeline/pattern.h"

#include <unicode/regex.h>
#include <unicode/utext.h>

#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

using models::Cat;
using models::Refuse;

// ICU counts steps of a matcher in units of about 10,000 saved states; the
// usual expressions take none of them on 64 KiB of text.
constexpr std::int32_t kMostSteps = 2'000;
constexpr std::size_t kMostExpressionBytes = 10'000;

// What an escape is called there; nothing for one that means something else.
std::string_view ClassOf(char escape) {
  switch (escape) {
    case 's':
      return "\\p{White_Space}";
    case 'S':
      return "\\P{White_Space}";
    case 'w':
      return "[\\p{Alphabetic}\\p{M}\\p{N}\\p{Pc}]";
    case 'W':
      return "[^\\p{Alphabetic}\\p{M}\\p{N}\\p{Pc}]";
    case 'd':
      return "\\p{Nd}";
    case 'D':
      return "\\P{Nd}";
    default:
      return {};
  }
}

// Whether an escape is the same in both: a mark, a property, a character.
bool IsShared(char escape) {
  const bool letter =
      ('a' <= escape && escape <= 'z') || ('A' <= escape && escape <= 'Z');
  const bool digit = '0' <= escape && escape <= '9';
  if (letter)
    return std::string_view("pPnrtfux").find(escape) != std::string_view::npos;
  return !digit && static_cast<signed char>(escape) >= ' ';
}

// An expression of Oniguruma (Ruby's syntax) as ICU reads it. Sets, quantifiers
// and properties are the same in both.
std::string Translate(const std::string& where, std::string_view expression) {
  std::string icu;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const std::string_view rest = expression.substr(i);
    if (rest[0] == '\\') {
      const std::string_view own =
          rest.size() > 1 ? ClassOf(rest[1]) : std::string_view{};
      if (own.empty() && (rest.size() < 2 || !IsShared(rest[1]))) {
        Refuse(where, "an expression of known escapes",
               models::QuoteText(rest.substr(0, 2)));
      }
      icu += own.empty() ? rest.substr(0, 2) : own;
      ++i;
      continue;
    }
    bool known = !rest.starts_with("(?") && !rest.starts_with("[:");
    for (const std::string_view group :
         {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:"}) {
      known = known || rest.starts_with(group);
    }
    if (!known) {
      Refuse(where, "an expression of known groups",
             models::QuoteText(rest.substr(0, 4)));
    }
    icu += rest[0];
  }
  return icu;
}

void CheckExpression(const std::string& where, std::string_view expression) {
  if (expression.size() > kMostExpressionBytes) {
    Refuse(where, Cat("at most ", kMostExpressionBytes, " bytes"),
           expression.size());
  }
}

}  // namespace

struct Pattern::Compiled {
  std::unique_ptr<icu::RegexPattern> pattern;
};

Pattern Pattern::Regex(const std::string& where, std::string_view expression) {
  CheckExpression(where, expression);
  // "^", "$" and "." as Ruby has them: lines end at LF alone.
  return Compile(where, expression, Translate(where, expression),
                 UREGEX_MULTILINE | UREGEX_UNIX_LINES);
}

Pattern Pattern::Icu(const std::string& where, std::string_view expression) {
  CheckExpression(where, expression);
  return Compile(where, expression, std::string(expression), 0);
}

Pattern Pattern::Compile(const std::string& where, std::string_view expression,
                         const std::string& icu, std::uint32_t flags) {
  UErrorCode status = U_ZERO_ERROR;
  UParseError place;
  auto compiled = std::make_shared<Compiled>();
  compiled->pattern.reset(icu::RegexPattern::compile(
      icu::UnicodeString::fromUTF8(icu), flags, place, status));
  if (U_FAILURE(status)) {
    Refuse(where, "a regular expression",
           Cat(models::QuoteText(expression), " (ICU: ", u_errorName(status),
               ")"));
  }
  Pattern pattern;
  pattern.regex_ = std::move(compiled);
  return pattern;
}

Pattern Pattern::Read(const Node& node) {
  const Node regex = node["Regex"], literal = node["String"];
  if (regex.IsNull() == literal.IsNull()) {
    node.Fail("\"String\" or \"Regex\" with what to search for");
  }
  if (!regex.IsNull()) return Regex(regex.Where(), regex.String());
  return Literal(literal.String());
}

Pattern Pattern::Literal(std::string text) {
  Pattern pattern;
  pattern.literal_ = std::move(text);
  return pattern;
}

std::vector<Range> Pattern::Find(std::string_view text) const {
  std::vector<Range> found;
  if (!regex_) {
    std::size_t at = literal_.empty() ? std::string_view::npos : 0;
    while (at != std::string_view::npos &&
           (at = text.find(literal_, at)) != std::string_view::npos) {
      found.push_back({at, at + literal_.size()});
      at += literal_.size();
    }
    return found;
  }
  UErrorCode status = U_ZERO_ERROR;
  UText input = UTEXT_INITIALIZER;
  utext_openUTF8(&input, text.data(), static_cast<std::int64_t>(text.size()),
                 &status);
  {
    const std::unique_ptr<icu::RegexMatcher> matcher(
        regex_->pattern->matcher(status));
    if (U_SUCCESS(status)) {
      matcher->setTimeLimit(kMostSteps, status);
      matcher->reset(&input);
      while (U_SUCCESS(status) && matcher->find(status)) {
        found.push_back({static_cast<std::size_t>(matcher->start64(status)),
                         static_cast<std::size_t>(matcher->end64(status))});
      }
    }
  }
  utext_close(&input);
  if (U_FAILURE(status)) {
    throw TextError(ErrorKind::kBadText,
                    Cat("want a text that the regular expressions can search, "
                        "found one at which ICU gives up: ",
                        u_errorName(status)));
  }
  return found;
}

std::string Replace(std::string_view text, const std::vector<Range>& matches,
                    std::string_view content) {
  if (matches.size() * content.size() > kMostNormalBytes) {
    throw TextError(ErrorKind::kTooLong,
                    Cat("want a text that stays below ", kMostNormalBytes,
                        " bytes when it is normalised, found more"));
  }
  std::string replaced;
  std::size_t at = 0;
  for (const Range& match : matches) {
    replaced.append(text.substr(at, match.begin - at)).append(content);
    at = match.end;
  }
  return replaced.append(text.substr(at));
}

}  // namespace tessera::engine
