// Entries, line by line.
#include "tools/tessera/formats/po.h"

#include <tessera/error.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "models/files/message.h"
#include "tools/tessera/formats/po_text.h"

namespace tessera::tools {
namespace {

// What formats take for conversions and the built-in patterns do not.
constexpr const char* kFormatConversion =
    R"(%(?:%|L\d++|\([^()]*+\)[-+#0 ]*+\d*+[a-zA-Z])"
    R"(|(?:\d++\$)?[-+ #0'I]*+(?:\d++|\*(?:\d++\$)?)?(?:\.(?:\d++|\*)?)?)"
    R"((?:<[A-Za-z0-9]++>|(?:hh|ll|[hlLqjzt])?[a-zA-Z@])|\d++))";

constexpr std::string_view kMark = "\xEF\xBB\xBF";

std::string_view Strip(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\v\f";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool HasFlag(std::string_view flags, std::string_view flag) {
  for (std::size_t at = 0; at < flags.size();) {
    const std::size_t end = std::min(flags.find(',', at), flags.size());
    if (Strip(flags.substr(at, end - at)) == flag) return true;
    at = end + 1;
  }
  return false;
}

// "c-format" and the like, but not "no-c-format", nor "possible-c-format".
bool HasFormat(std::string_view flags) {
  for (std::size_t at = 0; at < flags.size();) {
    const std::size_t end = std::min(flags.find(',', at), flags.size());
    const std::string_view flag = Strip(flags.substr(at, end - at));
    if (flag.ends_with("-format") && !flag.starts_with("no-") &&
        !flag.starts_with("possible-") && !flag.starts_with("impossible-")) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

// What stands behind `name` up to a mark or white space; "" if nothing does.
std::string_view ValueOf(std::string_view header, std::string_view name) {
  const std::size_t at = header.find(name);
  if (at == std::string_view::npos) return {};
  header.remove_prefix(at + name.size());
  return header.substr(0, header.find_first_of("; \t\r\n"));
}

// An entry's bytes but for the translation.
struct Frame {
  std::string before;  // up to where flags stand
  std::string between;
  std::string after;
  std::string line_end;
  std::string last_end;  // of the last line of msgstr
};

std::string WriteEntry(const Frame& frame, bool plural, std::size_t forms,
                       const std::vector<std::string>& translated) {
  std::string fields;
  for (std::size_t i = 0; i < forms; ++i) {
    const bool singular = i == 0 && forms > 1;
    fields += PoField(
        plural ? models::Cat("msgstr[", i, "]") : std::string("msgstr"),
        singular ? translated.front() : translated.back(), frame.line_end);
  }
  fields.resize(fields.size() - frame.line_end.size());
  return frame.before + frame.between + fields + frame.last_end + frame.after;
}

}  // namespace

void PoParser::Take() {
  const std::string line = lines_.back().text;  // which moves
  const std::string_view text = Strip(line);
  const bool whole = !entry_.strings.empty();
  if (text.empty()) {
    open_ = nullptr;
    const bool begun = entry_.id || entry_.context;
    if (whole || !begun || !error_.empty()) Flush(lines_.size());
    return;
  }
  if (text[0] == '"') {
    if (open_ == nullptr) {
      return Complain("want a word before a string, found " +
                      models::QuoteText(text));
    }
    TakeString(text, *open_);
    if (whole) entry_.after_str = lines_.size();
    return;
  }
  if (whole && !text.starts_with("msgstr")) Flush(lines_.size() - 1);
  if (text[0] == '#') return TakeComment(text);
  TakeWord(text);
}

void PoParser::TakeEnd() {
  if ((entry_.id || entry_.context) && entry_.strings.empty()) {
    Complain("want msgid and msgstr, found the end");
  }
  Flush(lines_.size());
}

void PoParser::TakeComment(std::string_view text) {
  const std::size_t line = lines_.size() - 1;
  if (entry_.id) return;
  if (text.starts_with("#~")) {  // with the comments before it
    entry_ = {};
  } else if (text.starts_with("#,")) {
    if (!entry_.flags_line) entry_.flags_line = line;
    entry_.flags.append(text.substr(2)).append(",");
  } else if (text.starts_with("#|") && !entry_.begin) {
    entry_.begin = line;
  }
}

void PoParser::TakeWord(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of(" \t\""), text.size());
  const std::string_view word = text.substr(0, end);
  const bool begins = word == "msgid" || word == "msgctxt";
  if (begins && entry_.id) {  // whole ones were flushed before
    Complain(models::Cat("want msgstr, found ", word));
    Flush(lines_.size() - 1);
  }
  if (begins && !entry_.begin) entry_.begin = lines_.size() - 1;
  open_ = FieldOf(word);
  if (open_ == nullptr) {
    return Complain("want msgid, msgstr or a comment, found " +
                    models::QuoteText(text));
  }
  TakeString(Strip(text.substr(end)), *open_);
}

// The field of a word that may stand here; nullptr for one that may not.
std::string* PoParser::FieldOf(std::string_view word) {
  const std::size_t line = lines_.size() - 1;
  if (word == "msgctxt" && !entry_.context) return &entry_.context.emplace();
  if (word == "msgid") {
    entry_.id_line = line;
    return &entry_.id.emplace();
  }
  if (!entry_.id) return nullptr;
  const bool first = entry_.strings.empty();
  if (word == "msgid_plural" && first && !entry_.plural) {
    return &entry_.plural.emplace();
  }
  const std::string wanted =
      entry_.plural ? models::Cat("msgstr[", entry_.strings.size(), "]")
                    : std::string("msgstr");
  if (word != wanted || (!entry_.plural && !first)) return nullptr;
  if (first) entry_.first_str = line;
  entry_.after_str = line + 1;
  return &entry_.strings.emplace_back();
}

void PoParser::TakeString(std::string_view text, std::string& to) {
  try {
    to += PoUnquote(text);
  } catch (const Error& error) {
    Complain(error.what());
  }
}

void PoParser::Complain(std::string message) {
  if (!error_.empty()) return;
  error_ = std::move(message);
  error_line_ = NumberOf(lines_.size() - 1);
}

void PoParser::Flush(std::size_t count) {
  Give(MakeBlock(count), count);
  entry_ = {};
  open_ = nullptr;
  error_.clear();
}

Block PoParser::MakeBlock(std::size_t count) {
  if (!error_.empty()) return {.line = error_line_, .error = error_};
  const bool is_new = std::ranges::all_of(
      entry_.strings, [](const std::string& text) { return text.empty(); });
  if (entry_.id && entry_.id->empty() && !entry_.context && !is_new) {
    ReadHeader(entry_.strings.front());
  }
  const bool translates = is_new && entry_.id && HasLetters(*entry_.id);
  return translates ? MakeTranslated(count) : Block();
}

Block PoParser::MakeTranslated(std::size_t count) const {
  Frame frame;
  const std::size_t begin = entry_.flags_line.value_or(*entry_.begin);
  for (std::size_t i = 0; i < entry_.first_str; ++i) {
    std::string& part = i < begin ? frame.before : frame.between;
    part += lines_[i].text + lines_[i].ending;
  }
  const std::string& first_end = lines_[entry_.id_line].ending;
  frame.line_end = first_end.empty() ? "\n" : first_end;
  frame.last_end = lines_[entry_.after_str - 1].ending;
  for (std::size_t i = entry_.after_str; i < count; ++i) {
    frame.after += lines_[i].text + lines_[i].ending;
  }
  if (frame.before.empty() && frame.between.starts_with(kMark)) {
    frame.before = kMark;
    frame.between.erase(0, kMark.size());
  }
  if (!entry_.flags_line) {
    frame.before += "#, fuzzy" + frame.line_end;
  } else if (!HasFlag(entry_.flags, "fuzzy")) {
    frame.between.insert(frame.between.find("#,") + 2, " fuzzy,");
  }
  Block block = {.texts = {*entry_.id}, .line = NumberOf(entry_.id_line)};
  const bool plural = entry_.plural.has_value();
  if (plural) block.texts.push_back(*entry_.plural);
  if (keeps_formats_ && HasFormat(entry_.flags))
    block.keep = {kFormatConversion};
  const std::size_t forms =
      plural && forms_ > 0 ? forms_ : entry_.strings.size();
  block.write = [frame = std::move(frame), plural,
                 forms](const std::vector<std::string>& translated) {
    return WriteEntry(frame, plural, forms, translated);
  };
  return block;
}

void PoParser::ReadHeader(const std::string& header) {
  const std::string charset(ValueOf(header, "charset="));
  std::string lower = charset;
  for (char& c : lower) {
    if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (!charset.empty() && lower != "utf-8" && lower != "utf8" &&
      charset != "CHARSET") {
    throw Error(models::Cat("line ", NumberOf(entry_.id_line),
                            ": want charset=UTF-8, found ",
                            models::QuoteText(charset),
                            "; msgconv -t UTF-8 makes the one of the other"));
  }
  const std::string_view forms = ValueOf(header, "nplurals=");
  constexpr std::size_t kMostForms = 6;  // Arabic
  std::size_t count = 0;
  std::from_chars(forms.data(), forms.data() + forms.size(), count);
  if (count <= kMostForms) forms_ = count;
}

}  // namespace tessera::tools
