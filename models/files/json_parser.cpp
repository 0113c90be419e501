// The parser: nlohmann-json reads the text, a handler builds the value and
// enforces what nlohmann-json leaves open (depth, size, duplicate keys, NUL).
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "models/files/json.h"
#include "models/files/json_document.h"
#include "models/files/message.h"

namespace tessera::models {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxQuoted = 60;

std::string Shortened(std::string text) {
  if (text.size() > kMaxQuoted) text = text.substr(0, kMaxQuoted - 3) + "...";
  return text;
}

std::string Dump(const Json& value) {
  constexpr int kOneLine = -1;
  constexpr bool kAscii = true;
  return value.dump(kOneLine, ' ', kAscii, Json::error_handler_t::replace);
}

// The reason in nlohmann-json's message without the text it quotes, which may
// be long or not UTF-8.
std::string Reason(const std::string& message) {
  const std::size_t begin = message.find(" - ");
  if (begin == std::string::npos) return "malformed";
  std::string reason = message.substr(begin + 3);
  reason = reason.substr(0, reason.find("; last read"));
  return Shortened(reason);
}

// Builds the value from nlohmann-json's events; its parser keeps no recursion,
// so depth costs no stack.
class Builder {
 public:
  Builder(const std::string& where, const JsonLimits& limits)
      : where_(where), limits_(limits) {}

  JsonDocument Take() { return std::move(document_); }

  bool null() { return Add(nullptr); }
  bool boolean(bool value) { return Add(value); }
  bool number_integer(std::int64_t value) { return Add(value); }
  bool number_unsigned(std::uint64_t value) { return Add(value); }
  // Also integers beyond 64 bits, which the integer getters then refuse.
  bool number_float(double value, const std::string&) { return Add(value); }
  bool string(std::string& value) {
    RefuseNul(value);
    return Add(std::move(value));
  }
  bool binary(Json::binary_t&) { return false; }  // not in JSON text

  bool start_object(std::size_t) { return Open(Json::object()); }
  bool start_array(std::size_t) { return Open(Json::array()); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }

  bool key(std::string& name) {
    RefuseNul(name);
    if (++keys_ > limits_.max_keys) TooMany("keys", limits_.max_keys);
    const auto [slot, inserted] = open_.back()->emplace(name, nullptr);
    if (!inserted && !limits_.as_python) {
      Refuse(Cat(where_, ": key ", QuoteText(name)), "each key once",
             "it twice");
    }
    if (inserted && open_.size() == 1) document_.keys.push_back(name);
    slot_ = &*slot;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const Json::exception& error) {
    Refuse(where_, "valid JSON",
           Cat("an error at byte ", position, ": ", Reason(error.what())));
  }

 private:
  [[noreturn]] void TooMany(const char* what, std::size_t limit) const {
    Refuse(where_, Cat("at most ", limit, " JSON ", what), "more");
  }

  void RefuseNul(const std::string& text) const {
    if (text.find('\0') == std::string::npos) return;
    Refuse(where_, "no NUL character", "one in a string");
  }

  // Puts a value where the document says and returns its place.
  Json* Place(Json value) {
    if (++values_ > limits_.max_values) TooMany("values", limits_.max_values);
    if (open_.empty()) {
      document_.root = std::move(value);
      return &document_.root;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    *slot_ = std::move(value);
    return slot_;
  }

  bool Add(Json value) {
    Place(std::move(value));
    return true;
  }

  bool Open(Json container) {
    if (open_.size() >= limits_.max_depth) {
      Refuse(where_, Cat("JSON nested at most ", limits_.max_depth, " deep"),
             "deeper");
    }
    open_.push_back(Place(std::move(container)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  const std::string& where_;
  const JsonLimits& limits_;
  JsonDocument document_;
  std::vector<Json*> open_;  // the containers round the next value
  Json* slot_ = nullptr;     // of the last key, while its object is open
  std::size_t keys_ = 0;
  std::size_t values_ = 0;
};

// The 16 bits of an escape "\\uD83D" at `at`, if it is one.
std::optional<unsigned> EscapeAt(std::string_view text, std::size_t at) {
  unsigned unit = 0;
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u')
    return {};
  const char* const end = text.data() + at + 6;
  const auto [stop, error] = std::from_chars(end - 4, end, unit, 16);
  if (error != std::errc() || stop != end) return {};
  return unit;
}

// The escape of the character that stands for half of a pair.
std::string PrivateEscape(unsigned half) {
  const unsigned low = 0x10F800 + (half & 0x7FF) - 0x10000;
  char text[13];
  std::snprintf(text, sizeof(text), "\\u%04X\\u%04X", 0xD800 + (low >> 10),
                0xDC00 + (low & 0x3FF));
  return text;
}

std::string WithoutHalfPairs(std::string_view text) {
  constexpr auto kIs = [](std::optional<unsigned> unit, unsigned first) {
    return unit && *unit >= first && *unit < first + 0x400;
  };
  std::string whole;
  for (std::size_t at = 0; at < text.size();) {
    const auto unit = EscapeAt(text, at);
    const bool high = kIs(unit, 0xD800);
    std::size_t length = text[at] == '\\' ? 2 : 1;
    if (high && kIs(EscapeAt(text, at + 6), 0xDC00)) length = 12;
    if (length == 2 && (high || kIs(unit, 0xDC00))) {
      whole += PrivateEscape(*unit);
      at += 6;
      continue;
    }
    whole += text.substr(at, length);
    at += length;
  }
  return whole;
}

// The constant of Python's json that stands at `at`, where JSON has a value.
std::string_view ConstantAt(std::string_view text, std::size_t at) {
  for (const std::string_view constant : {"NaN", "Infinity", "-Infinity"}) {
    if (text.substr(at).starts_with(constant)) return constant;
  }
  return {};
}

// These constants as strings, which no number is read from.
std::string WithQuotedConstants(std::string_view text) {
  std::string quoted;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size();) {
    const bool escape = in_string && text[at] == '\\';
    if (!escape && text[at] == '"') in_string = !in_string;
    const auto constant = in_string ? "" : ConstantAt(text, at);
    if (!constant.empty()) {
      quoted.append("\"").append(constant).append("\"");
      at += constant.size();
      continue;
    }
    const std::size_t length = escape ? 2 : 1;
    quoted += text.substr(at, length);
    at += length;
  }
  return quoted;
}

bool MayHaveConstants(std::string_view text) {
  return text.find("NaN") != text.npos || text.find("Infinity") != text.npos;
}

bool MayHaveSurrogates(std::string_view text) {
  return text.find("\\ud") != text.npos || text.find("\\uD") != text.npos;
}

JsonDocument ParseText(const std::string& where, std::string_view text,
                       const JsonLimits& limits) {
  // nlohmann-json would skip a mark and take NUL for the end of the text.
  if (text.starts_with("\xEF\xBB\xBF")) {
    Refuse(where, "JSON", "a byte order mark before it");
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    Refuse(where, "JSON text", Cat("a NUL at byte ", nul));
  }
  Builder builder(where, limits);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.Take();
}

}  // namespace

void Clear(Json& value) noexcept {
  if (!value.is_structured()) return;
  for (Json& child : value) Clear(child);
  value.clear();
}

JsonDocument ParseJson(const std::string& where, std::string_view text,
                       const JsonLimits& limits) {
  if (!limits.as_python) return ParseText(where, text, limits);
  std::string rewritten;
  if (MayHaveSurrogates(text)) text = rewritten = WithoutHalfPairs(text);
  if (MayHaveConstants(text)) text = rewritten = WithQuotedConstants(text);
  return ParseText(where, text, limits);
}

std::string QuoteJson(const Json& value) {
  if (value.is_string()) return QuoteText(value.get_ref<const std::string&>());
  return Shortened(Dump(value));
}

std::string QuoteText(std::string_view text) {
  return Shortened(Dump(Json(text.substr(0, kMaxQuoted))));
}

}  // namespace tessera::models
