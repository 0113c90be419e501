// JsonObject: finding a key, checking its value, saying what was found.
#include "models/files/json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/files/file.h"
#include "models/files/json_document.h"
#include "models/files/message.h"

namespace tessera::models {
namespace {

using Json = nlohmann::json;

std::string Describe(IntegerRange range) {
  return Cat("in [", range.min, ", ", range.max, "]");
}

// Whether value is an integer, written as digits, inside range.
bool Holds(const Json& value, IntegerRange range) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
    return false;
  }
  const auto integer = value.get<std::int64_t>();
  return integer >= range.min && integer <= range.max;
}

bool IsFinite(const Json& value) {
  return value.is_number() && std::isfinite(value.get<double>());
}

bool HoldsAll(const Json& value, IntegerRange range) {
  if (!value.is_array()) return false;
  for (const Json& item : value) {
    if (!Holds(item, range)) return false;
  }
  return true;
}

std::vector<std::int64_t> ToIntegers(const Json& array) {
  return array.get<std::vector<std::int64_t>>();
}

}  // namespace

JsonObject::JsonObject(std::string where,
                       std::shared_ptr<const nlohmann::json> object)
    : where_(std::move(where)), object_(std::move(object)) {
  if (object_->is_object()) return;
  Refuse(where_, "a JSON object", QuoteJson(*object_));
}

JsonObject JsonObject::Parse(std::string where, std::string_view text,
                             const JsonLimits& limits) {
  const auto document =
      std::make_shared<const JsonDocument>(ParseJson(where, text, limits));
  JsonObject object(std::move(where), {document, &document->root});
  object.order_ = {document, &document->keys};
  return object;
}

JsonObject JsonObject::Read(const std::filesystem::path& file,
                            JsonLimits limits, std::uint64_t max_bytes) {
  limits.as_python = true;
  return Parse(file.filename().string(), ReadWholeFile(file, max_bytes),
               limits);
}

JsonObject JsonObject::Of(std::string where, std::string key,
                          std::string text) {
  const auto document = std::make_shared<JsonDocument>();
  document->root[std::move(key)] = std::move(text);
  return {std::move(where), {document, &document->root}};
}

std::vector<std::string> JsonObject::Keys() const {
  std::vector<std::string> keys;
  keys.reserve(object_->size());
  for (const auto& item : object_->items()) keys.push_back(item.key());
  return keys;
}

const Json* JsonObject::Find(std::string_view key) const {
  const auto found = object_->find(key);
  return found == object_->end() ? nullptr : &*found;
}

bool JsonObject::Contains(std::string_view key) const {
  return Find(key) != nullptr;
}

bool JsonObject::IsSet(std::string_view key) const {
  const Json* value = Find(key);
  return value != nullptr && !value->is_null();
}

bool JsonObject::IsString(std::string_view key) const {
  const Json* value = Find(key);
  return value != nullptr && value->is_string();
}

bool JsonObject::Equals(std::string_view key, double value) const {
  const Json* found = Find(key);
  if (found == nullptr) return false;
  if (found->is_boolean()) return (found->get<bool>() ? 1.0 : 0.0) == value;
  return found->is_number() && found->get<double>() == value;
}

std::int64_t JsonObject::Integer(std::string_view key,
                                 IntegerRange range) const {
  const Json* value = Find(key);
  if (value == nullptr || !Holds(*value, range)) {
    Fail(key, "an integer " + Describe(range));
  }
  return value->get<std::int64_t>();
}

double JsonObject::Number(std::string_view key) const {
  const Json* value = Find(key);
  if (value == nullptr || !IsFinite(*value)) Fail(key, "a number");
  return value->get<double>();
}

bool JsonObject::Boolean(std::string_view key) const {
  const Json* value = Find(key);
  if (value == nullptr || !value->is_boolean()) Fail(key, "true or false");
  return value->get<bool>();
}

std::string JsonObject::String(std::string_view key) const {
  const Json* value = Find(key);
  if (value == nullptr || !value->is_string()) Fail(key, "a string");
  return value->get<std::string>();
}

std::vector<std::int64_t> JsonObject::Integers(std::string_view key,
                                               IntegerRange range) const {
  const Json* value = Find(key);
  if (value == nullptr || !HoldsAll(*value, range)) {
    Fail(key, "a list of integers " + Describe(range));
  }
  return ToIntegers(*value);
}

std::vector<std::int64_t> JsonObject::IntegerOrIntegers(
    std::string_view key, IntegerRange range) const {
  const Json* value = Find(key);
  if (value != nullptr && value->is_array()) return Integers(key, range);
  if (value == nullptr || !Holds(*value, range)) {
    Fail(key, "an integer or a list of integers " + Describe(range));
  }
  return {value->get<std::int64_t>()};
}

std::vector<std::vector<std::int64_t>> JsonObject::IntegerLists(
    std::string_view key, IntegerRange range) const {
  const std::string want = "a list of lists of integers " + Describe(range);
  const Json* value = Find(key);
  if (value == nullptr || !value->is_array()) Fail(key, want);
  std::vector<std::vector<std::int64_t>> lists;
  for (const Json& list : *value) {
    if (!HoldsAll(list, range)) Fail(key, want);
    lists.push_back(ToIntegers(list));
  }
  return lists;
}

std::vector<double> JsonObject::Numbers(std::string_view key) const {
  const Json* value = Find(key);
  if (value == nullptr || !value->is_array() ||
      !std::all_of(value->begin(), value->end(), IsFinite)) {
    Fail(key, "a list of numbers");
  }
  return value->get<std::vector<double>>();
}

std::vector<std::pair<std::vector<std::int64_t>, double>>
JsonObject::WeightedLists(std::string_view key, IntegerRange range) const {
  const std::string want =
      "a list of [integers " + Describe(range) + ", number] pairs";
  const Json* value = Find(key);
  if (value == nullptr || !value->is_array()) Fail(key, want);
  std::vector<std::pair<std::vector<std::int64_t>, double>> lists;
  for (const Json& pair : *value) {
    if (!pair.is_array() || pair.size() != 2 || !HoldsAll(pair[0], range) ||
        !IsFinite(pair[1])) {
      Fail(key, want);
    }
    lists.emplace_back(ToIntegers(pair[0]), pair[1].get<double>());
  }
  return lists;
}

JsonObject JsonObject::Object(std::string_view key, std::string where) const {
  const Json* value = Find(key);
  if (value == nullptr) Fail(key, "an object");
  // Shares ownership of the document, points into it.
  return JsonObject(std::move(where),
                    std::shared_ptr<const Json>(object_, value));
}

std::vector<JsonObject> JsonObject::Items(std::string_view key,
                                          const std::string& text_key) const {
  const Json* value = Find(key);
  if (value == nullptr || !value->is_array()) Fail(key, "a list");
  std::vector<JsonObject> items;
  for (const Json& item : *value) {
    std::string where = Cat(where_, ": ", key, ": ", items.size());
    items.push_back(
        item.is_string()
            ? Of(std::move(where), text_key, item.get<std::string>())
            : JsonObject(std::move(where),
                         std::shared_ptr<const Json>(object_, &item)));
  }
  return items;
}

std::int64_t JsonObject::IntegerOr(std::string_view key, std::int64_t absent,
                                   IntegerRange range) const {
  return Contains(key) ? Integer(key, range) : absent;
}

bool JsonObject::BooleanOr(std::string_view key, bool absent) const {
  return Contains(key) ? Boolean(key) : absent;
}

std::string JsonObject::StringOr(std::string_view key,
                                 std::string absent) const {
  return Contains(key) ? String(key) : absent;
}

std::string JsonObject::Text(std::string_view key) const {
  const Json* value = Find(key);
  if (value == nullptr) return "";
  return value->is_string() ? value->get<std::string>() : value->dump();
}

void JsonObject::Fail(std::string_view key, std::string_view want) const {
  const Json* value = Find(key);
  Refuse(Cat(where_, ": key ", QuoteText(key)), want,
         value == nullptr ? "no such key" : QuoteJson(*value));
}

}  // namespace tessera::models
