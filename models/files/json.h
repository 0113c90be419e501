// Strict reading of JSON files: limits first, then values with the type, range
// and key that a message can name.
#ifndef TESSERA_MODELS_FILES_JSON_H_
#define TESSERA_MODELS_FILES_JSON_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::models {

// What a document may hold; one that exceeds a limit is refused while it is
// being parsed, before its values take memory.
struct JsonLimits {
  std::size_t max_depth = 8;
  std::size_t max_keys = 100'000;
  std::size_t max_values = 500'000;
  // As Python's json reads: of a key that comes again the last value counts; NaN
  // and Infinity become strings; half of a surrogate pair in an escape becomes
  // the private character U+10F800 + its last 11 bits, so that keys stay apart.
  bool as_python = false;
};

// Integers are read exactly up to here: 2^53, as far as a double can count.
inline constexpr std::int64_t kMaxJsonInteger = std::int64_t{1} << 53;

struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = kMaxJsonInteger;
};

// A JSON object with typed getters. Each throws tessera::Error when the key is
// absent, or holds null or another type, or is out of range:
//   config.json: key "d_model": want an integer in [1, 65536], found "abc"
// Copies share one immutable document.
class JsonObject {
 public:
  // Parses text, whose first value must be an object and which holds nothing
  // else. `where` (a file name) opens every message.
  //
  // Strict: UTF-8 without a byte order mark or NUL, no comments, no trailing
  // comma, no NaN or Infinity, no key twice in one object, within limits.
  static JsonObject Parse(std::string where, std::string_view text,
                          const JsonLimits& limits = {});

  // Parses a file of at most max_bytes, as Python does; messages begin with its
  // base name.
  static JsonObject Read(const std::filesystem::path& file,
                         JsonLimits limits = {},
                         std::uint64_t max_bytes = std::uint64_t{16} << 20);

  // {KEY: TEXT}.
  static JsonObject Of(std::string where, std::string key, std::string text);

  const std::string& where() const { return where_; }
  std::vector<std::string> Keys() const;  // sorted
  // In the order of the text, each once. Only of a document itself, not of
  // objects in it.
  const std::vector<std::string>& KeysInOrder() const { return *order_; }

  bool Contains(std::string_view key) const;  // also when its value is null
  bool IsSet(std::string_view key) const;     // contained and not null

  std::int64_t Integer(std::string_view key, IntegerRange range = {}) const;
  double Number(std::string_view key) const;  // finite; an integer will do
  bool Boolean(std::string_view key) const;
  std::string String(std::string_view key) const;
  std::vector<std::int64_t> Integers(std::string_view key,
                                     IntegerRange range = {}) const;
  // One integer or a list of them, as eos_token_id is written.
  std::vector<std::int64_t> IntegerOrIntegers(std::string_view key,
                                              IntegerRange range = {}) const;
  std::vector<std::vector<std::int64_t>> IntegerLists(
      std::string_view key, IntegerRange range = {}) const;
  std::vector<double> Numbers(std::string_view key) const;  // all finite
  // Lists of integers with a finite number each: [[[1, 2], 0.5], [[7], -1]].
  std::vector<std::pair<std::vector<std::int64_t>, double>> WeightedLists(
      std::string_view key, IntegerRange range = {}) const;
  // The object stored under key; its messages begin with `where`.
  JsonObject Object(std::string_view key, std::string where) const;

  // A list of objects; a string TEXT in it stands for {TEXT_KEY: TEXT}.
  std::vector<JsonObject> Items(std::string_view key,
                                const std::string& text_key) const;

  bool IsString(std::string_view key) const;
  // Whether key holds this number, or the boolean that counts as it (true: 1).
  bool Equals(std::string_view key, double value) const;

  // The same with a value for an absent key; null is still an error.
  std::int64_t IntegerOr(std::string_view key, std::int64_t absent,
                         IntegerRange range = {}) const;
  bool BooleanOr(std::string_view key, bool absent) const;
  std::string StringOr(std::string_view key, std::string absent) const;

  // The value as text, a string without quotes; "" for an absent key.
  std::string Text(std::string_view key) const;

  // Throws `WHERE: key "KEY": want WANT, found VALUE`.
  [[noreturn]] void Fail(std::string_view key, std::string_view want) const;

 private:
  JsonObject(std::string where, std::shared_ptr<const nlohmann::json> object);
  const nlohmann::json* Find(std::string_view key) const;  // null if absent

  std::string where_;
  std::shared_ptr<const nlohmann::json> object_;
  std::shared_ptr<const std::vector<std::string>> order_;
};

struct JsonDocument;  // json_document.h

// Parses one JSON value under the rules of JsonObject::Parse; throws
// tessera::Error with a message that begins with `where`.
JsonDocument ParseJson(const std::string& where, std::string_view text,
                       const JsonLimits& limits);

// A value as messages quote it: ASCII, one line, at most 60 characters.
std::string QuoteJson(const nlohmann::json& value);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_FILES_JSON_H_
