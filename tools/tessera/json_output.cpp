// JSON by nlohmann-json, keys in the order that people read them.
#include "tools/tessera/json_output.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace tessera::tools {

std::string ToJson(const SourceText& source, const Translation& translation) {
  using Json = nlohmann::ordered_json;
  Json translations = Json::array();
  for (const Hypothesis& hypothesis : translation.hypotheses) {
    translations.push_back({{"text", hypothesis.text},
                            {"pieces", hypothesis.pieces},
                            {"ids", hypothesis.ids},
                            {"score", hypothesis.score},
                            {"log_probs", hypothesis.log_probs}});
  }
  Json line = source.label.empty() ? Json::object() : Json::parse(source.label);
  line["source"] = source.text;
  line["translations"] = std::move(translations);
  if (translation.truncated_tokens > 0) {
    line["truncated_tokens"] = translation.truncated_tokens;
  }
  if (!translation.ok()) line["error"] = translation.error;
  constexpr int kOneLine = -1;
  constexpr bool kAscii = false;
  return EscapeLineEnds(
      line.dump(kOneLine, ' ', kAscii, Json::error_handler_t::replace));
}

std::string EscapeLineEnds(const std::string& json) {
  constexpr std::pair<std::string_view, std::string_view> kEnds[] = {
      {"\u0085", "\\u0085"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}};
  std::string escaped;
  for (std::string_view rest = json; !rest.empty();) {
    std::string_view from = rest.substr(0, 1), to = from;
    for (const auto& [character, escape] : kEnds) {
      if (!rest.starts_with(character)) continue;
      from = character;
      to = escape;
    }
    escaped += to;
    rest.remove_prefix(from.size());
  }
  return escaped;
}

}  // namespace tessera::tools
