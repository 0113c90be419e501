// Text, fields and objects.
#include "tools/tessera/line_format.h"

#include <tessera/error.h>

#include <charconv>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/tessera/json_options.h"
#include "tools/tessera/json_output.h"

namespace tessera::tools {
namespace {

using Json = nlohmann::ordered_json;

class TextFormat final : public LineFormat {
 public:
  LineContent Read(const std::string& line,
                   const TranslateOptions& options) const override {
    return {.text = line, .options = options};
  }
  std::string Write(const std::string&,
                    const std::string& translated) const override {
    return translated;
  }
  std::string WriteJson(const std::string&,
                        const std::string& object) const override {
    return object;
  }
};

class TabFormat final : public LineFormat {
 public:
  explicit TabFormat(std::size_t column) : column_(column) {}

  LineContent Read(const std::string& line,
                   const TranslateOptions& options) const override {
    const auto field = Field(line);
    if (!field) {
      return {.error =
                  "want a field " + std::to_string(column_) + ", found fewer"};
    }
    return {.text = std::string(*field), .options = options};
  }
  std::string Write(const std::string& line,
                    const std::string& translated) const override {
    const std::string_view field = *Field(line);
    const auto at = static_cast<std::size_t>(field.data() - line.data());
    std::string tabless = translated;
    for (char& byte : tabless) byte = byte == '\t' ? ' ' : byte;
    return std::string(line).replace(at, field.size(), tabless);
  }
  std::string WriteJson(const std::string& line,
                        const std::string& object) const override {
    Json json = Json::parse(object);
    std::string_view rest = line;
    for (std::size_t tab; (tab = rest.find('\t')) != std::string_view::npos;
         rest.remove_prefix(tab + 1)) {
      json["fields"].push_back(rest.substr(0, tab));
    }
    json["fields"].push_back(rest);
    return JsonLine(json);
  }

 private:
  std::optional<std::string_view> Field(std::string_view line) const {
    for (std::size_t i = 1; i < column_; ++i) {
      const std::size_t tab = line.find('\t');
      if (tab == std::string_view::npos) return std::nullopt;
      line.remove_prefix(tab + 1);
    }
    return line.substr(0, line.find('\t'));
  }

  std::size_t column_;
};

class ObjectFormat final : public LineFormat {
 public:
  explicit ObjectFormat(std::string key) : key_(std::move(key)) {}

  LineContent Read(const std::string& line,
                   const TranslateOptions& options) const override {
    const Json object = Parse(line);
    if (!object.is_object()) return {.error = "want a JSON object, found none"};
    const auto text = object.find(key_);
    if (text == object.end() || !text->is_string()) {
      return {.error = "key \"" + key_ + "\": want a string, found none"};
    }
    LineContent content = {.text = text->get<std::string>(),
                           .options = options};
    const auto own = object.find("options");
    if (own == object.end()) return content;
    try {
      SetOptions(*own, content.options);
    } catch (const Error& error) {
      return {.error = std::string("options: ") + error.what()};
    }
    return content;
  }
  std::string Write(const std::string& line,
                    const std::string& translated) const override {
    Json object = Parse(line);
    object["translation"] = translated;
    return JsonLine(object);
  }
  std::string WriteJson(const std::string& line,
                        const std::string& object) const override {
    Json json = Parse(line);
    if (!json.is_object()) return object;
    const Json added = Json::parse(object);  // outlives its items()
    for (const auto& [key, value] : added.items()) json[key] = value;
    return JsonLine(json);
  }

 private:
  // Something else than an object if it is none, or nested so deeply that it
  // could not be written.
  static Json Parse(const std::string& line) {
    constexpr bool kThrows = false;
    constexpr int kMaxDepth = 100;
    const auto not_too_deep = [](int depth, Json::parse_event_t, Json&) {
      if (depth > kMaxDepth) throw Error("nested");
      return true;
    };
    try {
      return Json::parse(line, not_too_deep, kThrows);
    } catch (const Error&) {
      return {};
    }
  }

  std::string key_;
};

}  // namespace

std::unique_ptr<LineFormat> MakeLineFormat(
    std::string_view name, const std::optional<std::string>& column) {
  if (name == "jsonl") {
    return std::make_unique<ObjectFormat>(column.value_or("text"));
  }
  if (name == "tsv") {
    const std::string text = column.value_or("1");
    std::size_t number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() ||
        number == 0) {
      throw Error("--column: want the number of a field from 1, found " + text);
    }
    return std::make_unique<TabFormat>(number);
  }
  if (column) throw Error("--column: want --input-format tsv or jsonl");
  return std::make_unique<TextFormat>();
}

}  // namespace tessera::tools
