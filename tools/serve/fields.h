// The fields of a JSON body, each taken out with the type that it must have.
#ifndef TESSERA_TOOLS_SERVE_FIELDS_H_
#define TESSERA_TOOLS_SERVE_FIELDS_H_

#include <tessera/error.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::tools::serve {

// What a field must be and is not; what() begins with its name.
class FieldError : public Error {
 public:
  FieldError(std::string field, const std::string& want,
             const std::string& found);
  const std::string& field() const { return field_; }

 private:
  std::string field_;
};

// A value with the name that messages give it.
class Field {
 public:
  Field(std::string name, nlohmann::json value)
      : name_(std::move(name)), value_(std::move(value)) {}

  // Each throws FieldError where the value is something else.
  bool Boolean() const;
  std::string String() const;
  std::size_t Count(std::size_t min, std::size_t max) const;
  std::vector<Field> List() const;
  // A string, or a list of strings.
  std::vector<std::string> Strings() const;

  [[noreturn]] void Fail(const std::string& want) const;

 private:
  std::string name_;
  nlohmann::json value_;
};

class Fields {
 public:
  // The fields of an object. Throws Error for what is no JSON, nested more than
  // 32 deep, with a key twice or a number beyond double.
  explicit Fields(std::string_view body);

  // The field, which is gone then; nullopt if there is none.
  std::optional<Field> Take(const std::string& name);

  // What nobody took.
  const nlohmann::json& rest() const { return object_; }

 private:
  nlohmann::json object_;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_FIELDS_H_
