// The three encodings of fields. A body has a limit, so its fields have one.
#include "tools/serve/params.h"

#include <tessera/error.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/files/json.h"
#include "models/files/json_document.h"
#include "models/files/message.h"
#include "tools/serve/fields.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr models::JsonLimits kLimits = {
    .max_depth = 32, .max_keys = 1000, .max_values = 100'000};
constexpr std::size_t kMaxParts = 1000;

// Takes what stands before `end` off the text, with `end`; all if there is
// none.
std::string_view TakeUpTo(std::string_view& text, std::string_view end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size()
                                                  : at + end.size());
  return taken;
}

std::string Decoded(std::string_view text) {
  auto decoded = PercentDecoded(text, Plus::kSpace);
  if (!decoded) {
    models::Refuse("form", "two hexadecimal digits behind %", "others");
  }
  return std::move(*decoded);
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The parameter of a header's value: form-data; name="q". Empty if absent.
std::string Parameter(std::string_view value, std::string_view name) {
  TakeUpTo(value, ";");
  while (!value.empty()) {
    std::string_view parameter = Trimmed(TakeUpTo(value, ";"));
    const std::string_view key = TakeUpTo(parameter, "=");
    if (Lower(key) != name) continue;
    if (parameter.size() >= 2 && parameter.front() == '"' &&
        parameter.back() == '"') {
      parameter = parameter.substr(1, parameter.size() - 2);
    }
    return std::string(parameter);
  }
  return {};
}

// Browsers send line breaks of forms as CR LF.
std::string WithPlainLineBreaks(std::string_view text) {
  std::string plain;
  while (true) {
    const std::size_t at = text.find("\r\n");
    plain += text.substr(0, at);
    if (at == std::string_view::npos) return plain;
    plain += '\n';
    text.remove_prefix(at + 2);
  }
}

bool IsScalar(const Json& value) {
  return value.is_string() || value.is_number() || value.is_boolean();
}

std::string AsText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

Params::Params(const Request& request) {
  const std::string_view type = request.Header("content-type");
  const std::string media = Lower(Trimmed(type.substr(0, type.find(';'))));
  if (media == "application/json") {
    ReadJson(request.body);
  } else if (media == "application/x-www-form-urlencoded") {
    ReadForm(request.body);
  } else if (media == "multipart/form-data") {
    ReadParts(request.body, type);
  }
  Params query;
  query.ReadForm(request.query);
  values_.merge(query.values_);
}

std::string Params::Text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return {};
  return found->second.front();
}

std::vector<std::string> Params::Texts(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return {};
  return found->second;
}

std::size_t Params::Number(const std::string& name, std::size_t max) const {
  const std::string text = Text(name);
  if (text.empty()) return 0;
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end && number <= max) return number;
  throw FieldError(name, models::Cat("0 to ", max), models::QuoteText(text));
}

void Params::ReadJson(std::string_view body) {
  const Json root = models::ParseJson("body", body, kLimits).root;
  if (!root.is_object()) {
    models::Refuse("body", "a JSON object", models::QuoteJson(root));
  }
  for (const auto& [name, value] : root.items()) {
    if (IsScalar(value)) values_[name].push_back(AsText(value));
    if (!value.is_array()) continue;
    lists_.insert(name);
    std::vector<std::string>& values = values_[name];
    for (const Json& item : value) {
      if (!item.is_string()) {
        throw FieldError(name, "a list of strings", models::QuoteJson(item));
      }
      values.push_back(item.get<std::string>());
    }
  }
}

void Params::ReadForm(std::string_view form) {
  while (!form.empty()) {
    std::string_view value = TakeUpTo(form, "&");
    const std::string name = Decoded(TakeUpTo(value, "="));
    values_[name].push_back(WithPlainLineBreaks(Decoded(value)));
  }
}

void Params::ReadParts(std::string_view body, std::string_view content_type) {
  const std::string delimiter = "--" + Parameter(content_type, "boundary");
  const auto fail = [](const char* found) {
    models::Refuse("multipart body", "parts between boundaries", found);
  };
  if (delimiter.size() == 2) fail("no boundary");
  if (!body.starts_with(delimiter)) fail("another beginning");
  body.remove_prefix(delimiter.size());
  for (std::size_t parts = 0; !body.starts_with("--"); ++parts) {
    if (!body.starts_with("\r\n") || parts == kMaxParts) fail("others");
    body.remove_prefix(2);
    const std::size_t end = body.find("\r\n" + delimiter);
    if (end == std::string_view::npos) fail("a part without an end");
    std::string_view part = body.substr(0, end);
    body.remove_prefix(end + 2 + delimiter.size());
    std::string_view head = TakeUpTo(part, "\r\n\r\n");
    std::string name;
    while (!head.empty()) {
      std::string_view line = TakeUpTo(head, "\r\n");
      if (Lower(TakeUpTo(line, ":")) != "content-disposition") continue;
      name = Parameter(line, "name");
    }
    if (name.empty()) fail("a part without a name");
    values_[name].push_back(WithPlainLineBreaks(part));
  }
}

}  // namespace tessera::tools::serve
