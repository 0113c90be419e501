// The fields of requests that others designed: read from JSON, forms and
// queries, with patience for what is not known.
#ifndef TESSERA_TOOLS_SERVE_PARAMS_H_
#define TESSERA_TOOLS_SERVE_PARAMS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/http.h"

namespace tessera::tools::serve {

class Params {
 public:
  // The fields of the query and of the body: JSON, application/x-www-form-
  // urlencoded or multipart/form-data, as Content-Type says; any other body is
  // ignored, null and objects in JSON too. What the body has goes before what
  // the query has. Throws Error for a body that is not what it says it is.
  explicit Params(const Request& request);

  // The field's first value, a number or boolean of JSON as text; "" if there
  // is none.
  std::string Text(const std::string& name) const;
  // All of its values, in their order.
  std::vector<std::string> Texts(const std::string& name) const;
  // Whether it is a list of JSON.
  bool IsList(const std::string& name) const { return lists_.contains(name); }
  // Its value as a whole number, 0 if there is none. Throws FieldError for
  // another, or a greater one.
  std::size_t Number(const std::string& name, std::size_t max) const;

 private:
  Params() = default;
  void ReadJson(std::string_view body);
  void ReadForm(std::string_view form);
  void ReadParts(std::string_view body, std::string_view content_type);

  std::map<std::string, std::vector<std::string>> values_;
  std::set<std::string> lists_;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_PARAMS_H_
