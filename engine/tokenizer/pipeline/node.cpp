// Node: paths are put together only for messages.
#include "engine/tokenizer/pipeline/node.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "models/files/message.h"

namespace tessera::engine {

using nlohmann::json;

bool Node::IsNull() const { return value_ == nullptr || value_->is_null(); }
bool Node::IsString() const { return value_ && value_->is_string(); }
bool Node::IsList() const { return value_ && value_->is_array(); }

std::string Node::Where() const {
  if (parent_ == nullptr) return std::string(name_);
  const std::string outer = parent_->Where();
  if (name_.empty()) return models::Cat(outer, "[", index_, "]");
  return models::Cat(outer, parent_->parent_ == nullptr ? ": " : ".", name_);
}

void Node::Fail(std::string_view want) const {
  models::Refuse(Where(), want,
                 value_ ? models::QuoteJson(*value_) : "nothing");
}

Node Node::operator[](std::string_view key) const {
  if (value_ == nullptr || !value_->is_object()) Fail("an object");
  const auto found = value_->find(key);
  return {found == value_->end() ? nullptr : &*found, this, key, 0};
}

std::size_t Node::size() const {
  if (!IsList()) Fail("a list");
  return value_->size();
}

Node Node::operator[](std::size_t index) const {
  return {&(*value_)[index], this, {}, index};
}

void Node::ForEach(const Entry& take) const {
  if (value_ == nullptr || !value_->is_object()) Fail("an object");
  for (const auto& item : value_->items()) {
    take(item.key(), {&item.value(), this, item.key(), 0});
  }
}

const std::string& Node::String() const {
  if (!IsString()) Fail("a string");
  return value_->get_ref<const std::string&>();
}

bool Node::Boolean() const {
  if (value_ == nullptr || !value_->is_boolean()) Fail("true or false");
  return value_->get<bool>();
}

double Node::Number() const {
  if (value_ == nullptr || !value_->is_number()) Fail("a number");
  const double number = value_->get<double>();
  if (!std::isfinite(number)) Fail("a number that is finite");
  return number;
}

std::int64_t Node::Integer(models::IntegerRange range) const {
  const bool fits =
      value_ && value_->is_number_integer() &&
      (!value_->is_number_unsigned() ||
       value_->get<std::uint64_t>() <= std::uint64_t{INT64_MAX}) &&
      range.min <= value_->get<std::int64_t>() &&
      value_->get<std::int64_t>() <= range.max;
  if (!fits) {
    Fail(models::Cat("an integer in [", range.min, ", ", range.max, "]"));
  }
  return value_->get<std::int64_t>();
}

std::string Node::StringOr(std::string_view absent) const {
  return IsNull() ? std::string(absent) : String();
}

std::string Node::ShortString() const {
  if (String().size() > kMostBytes) Fail("a string of at most 1024 bytes");
  return String();
}

bool Node::BooleanOr(bool absent) const {
  return IsNull() ? absent : Boolean();
}

}  // namespace tessera::engine
