// The limits of JSON are those of the parser that reads model folders.
#include "tools/serve/fields.h"

#include <cstdint>

#include "models/files/json.h"
#include "models/files/json_document.h"
#include "models/files/message.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr models::JsonLimits kLimits = {
    .max_depth = 32, .max_keys = 1000, .max_values = 100'000};

}  // namespace

FieldError::FieldError(std::string field, const std::string& want,
                       const std::string& found)
    : Error(models::Cat(field, ": want ", want, ", found ", found)),
      field_(std::move(field)) {}

void Field::Fail(const std::string& want) const {
  throw FieldError(name_, want, models::QuoteJson(value_));
}

std::string Field::String() const {
  if (!value_.is_string()) Fail("a string");
  return value_.get<std::string>();
}

std::size_t Field::Count(std::size_t min, std::size_t max) const {
  const bool fits = value_.is_number_unsigned() &&
                    value_.get<std::uint64_t>() >= min &&
                    value_.get<std::uint64_t>() <= max;
  if (!fits) Fail(models::Cat(min, " to ", max));
  return value_.get<std::size_t>();
}

bool Field::Boolean() const {
  if (!value_.is_boolean()) Fail("true or false");
  return value_.get<bool>();
}

std::vector<Field> Field::List() const {
  if (!value_.is_array()) Fail("a list");
  std::vector<Field> items;
  items.reserve(value_.size());
  for (const Json& item : value_) {
    items.emplace_back(models::Cat(name_, "[", items.size(), "]"), item);
  }
  return items;
}

std::vector<std::string> Field::Strings() const {
  if (value_.is_string()) return {String()};
  if (!value_.is_array()) Fail("a string or a list of strings");
  std::vector<std::string> strings;
  for (const Field& item : List()) strings.push_back(item.String());
  return strings;
}

Fields::Fields(std::string_view body)
    : object_(models::ParseJson("body", body, kLimits).root) {
  if (!object_.is_object()) {
    models::Refuse("body", "a JSON object", models::QuoteJson(object_));
  }
}

std::optional<Field> Fields::Take(const std::string& name) {
  const auto found = object_.find(name);
  if (found == object_.end()) return std::nullopt;
  Field field(name, std::move(*found));
  object_.erase(found);
  return field;
}

}  // namespace tessera::tools::serve
