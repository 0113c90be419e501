// The parser: nlohmann-json reads the text, a handler builds the value and
// enforces what nlohmann-json leaves open (depth, size, duplicate keys, NUL).
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "models/files/json.h"
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

  Json Take() { return std::move(root_); }

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
    if (!inserted) {
      Refuse(Cat(where_, ": key ", QuoteText(name)), "each key once",
             "it twice");
    }
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
      root_ = std::move(value);
      return &root_;
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
  Json root_;
  std::vector<Json*> open_;  // the containers round the next value
  Json* slot_ = nullptr;     // of the last key, while its object is open
  std::size_t keys_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

Json ParseStrictJson(const std::string& where, std::string_view text,
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

std::string QuoteJson(const Json& value) {
  if (value.is_string()) return QuoteText(value.get_ref<const std::string&>());
  return Shortened(Dump(value));
}

std::string QuoteText(std::string_view text) {
  return Shortened(Dump(Json(text.substr(0, kMaxQuoted))));
}

}  // namespace tessera::models
