// Expressions of placeholders, tags and addresses, and what counts as kept.
#include "engine/request/keep_patterns.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/search/option_checks.h"
#include "engine/search/search_options.h"
#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

// In this order: URLs without the punctuation behind them; addresses of mail;
// tags and comments; printf's conversions, "%(name)s" and "%%", but not the
// "%o" of "20%off"; "{{name}}", "{0}", "${x}", "#{x}", "{}", with white space
// only as ICU's "{n, plural, ...}" has it, two levels deep; "$1". Repeats that
// could give back what they have are possessive, and an address begins at the
// begin of a run, so that none takes time that grows faster than the text.
constexpr std::string_view kPlaceholders =
    R"((?:\b(?:https?|ftp|file)://|\bwww\.)[^\s<>"]*[^\s<>".,;:!?')\]»”])"
    R"(|(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)+)"
    R"(|</?[A-Za-z][^<>]*+>|<!--[^<>]*+>)"
    R"(|%%|%\([^()\s]++\)[-+#0 ]*+\d*+(?:\.\d++)?[diouxXeEfFgGcrsa])"
    R"(|(?<!\d)%(?:\d++\$)?[-+#0']*+(?:\d++|\*)?(?:\.(?:\d++|\*)?)?)"
    R"((?:hh|ll|[hlLqjzt])?[diouxXeEfFgGaAcCsSp@])"
    R"(|\{\{\s*+[^{}\s]++\s*+\}\}|[$#%]?\{[^{}\s]*+\})"
    R"(|\{\s*+\w++\s*+,(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\})"
    R"(|\$\d++)";

bool IsTag(std::string_view span) {
  return span.starts_with('<') && span.ends_with('>');
}

bool IsPlaceholder(std::string_view span) {
  return span.starts_with('%') || span.ends_with('}') || span.starts_with('$');
}

// Whether a placeholder takes its value by its place among others.
bool IsPositional(std::string_view span) {
  if (span == "{}") return true;
  const char last = span.back();  // "%1" of Qt has a digit there
  return span.starts_with('%') && span != "%%" && !span.starts_with("%{") &&
         !('0' <= last && last <= '9') &&
         span.find_first_of("$(") == std::string_view::npos;
}

// Whether every tag that is closed was the last one opened. Those of HTML that
// are never closed need not be; what is opened and not closed is in no order.
bool AreNested(std::span<const std::string> spans) {
  std::vector<std::string_view> open;
  for (const std::string_view span : spans) {
    if (!IsTag(span) || span.ends_with("/>")) continue;
    const bool closes = span.starts_with("</");
    const std::string_view from = span.substr(closes ? 2 : 1);
    const std::string_view name = from.substr(0, from.find_first_of(" \t\n>"));
    if (name == "br" || name == "hr" || name == "img" || name == "wbr") {
      continue;
    }
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

std::vector<std::string_view> Positional(std::span<const std::string> spans) {
  std::vector<std::string_view> positional;
  std::ranges::copy_if(spans, std::back_inserter(positional), IsPositional);
  return positional;
}

// Those of `found` that count: what is kept, and what must not be invented.
std::vector<std::string> Counting(const std::vector<std::string>& sorted_kept,
                                  std::vector<std::string> found) {
  std::erase_if(found, [&](const std::string& span) {
    return !IsTag(span) && !IsPlaceholder(span) &&
           !std::ranges::binary_search(sorted_kept, span);
  });
  return found;
}

std::vector<std::string> Sorted(std::span<const std::string> spans) {
  std::vector<std::string> sorted(spans.begin(), spans.end());
  std::ranges::sort(sorted);
  return sorted;
}

}  // namespace

std::shared_ptr<const KeepPatterns> KeepPatterns::Of(
    const TranslateOptions& options) {
  const bool placeholders = options.keep_placeholders.value_or(false);
  if (options.keep.empty() && !placeholders) return nullptr;
  if (const char* const whole = OptionOfWholeText(options)) {
    models::Refuse(
        models::Cat(options.keep.empty() ? "keep_placeholders" : "keep", ", ",
                    whole),
        "one of them", "both");
  }
  CheckSize("keep", options.keep.size(), 0, kMaxKeepPatterns);
  auto made = std::make_shared<KeepPatterns>();
  if (placeholders) {
    static const Pattern kPattern =
        Pattern::Icu("keep_placeholders", kPlaceholders);
    made->patterns_.push_back(kPattern);
  }
  for (const std::string& expression : options.keep) {
    made->patterns_.push_back(Pattern::Icu("keep", expression));
  }
  return made;
}

std::vector<Range> KeepPatterns::Find(std::string_view text) const {
  std::vector<Range> all;
  for (const Pattern& pattern : patterns_) {
    const std::vector<Range> found = pattern.Find(text);
    all.insert(all.end(), found.begin(), found.end());
  }
  std::ranges::sort(all, {}, &Range::begin);
  std::vector<Range> spans;
  for (const Range& match : all) {
    if (match.begin == match.end) continue;
    if (!spans.empty() && match.begin < spans.back().end) {
      spans.back().end = std::max(spans.back().end, match.end);
    } else {
      spans.push_back(match);
    }
  }
  return spans;
}

bool KeepPatterns::AreKept(std::span<const std::string> kept,
                           std::string_view output) const {
  const std::vector<std::string> sorted = Sorted(kept);
  std::vector<std::string> found;
  try {
    found = Counting(sorted, TextsOf(output, Find(output)));
  } catch (const TextError&) {
    return false;
  }
  return sorted == Sorted(found) &&
         Positional(kept) == Positional(found) &&
         (AreNested(found) || !AreNested(kept));
}

std::vector<std::string> TextsOf(std::string_view text,
                                 std::span<const Range> spans) {
  std::vector<std::string> texts;
  texts.reserve(spans.size());
  for (const Range& span : spans) {
    texts.emplace_back(text.substr(span.begin, span.end - span.begin));
  }
  return texts;
}

}  // namespace tessera::engine
