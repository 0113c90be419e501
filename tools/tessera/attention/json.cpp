// JSON by nlohmann-json, keys in the order that people read them.
#include "tools/tessera/attention/json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

namespace tessera::tools {
namespace {

using Json = nlohmann::ordered_json;

// The numbers 1 to `count`, or the chosen one alone.
std::vector<std::size_t> Numbers(std::optional<std::size_t> chosen,
                                 std::size_t count) {
  if (chosen) return {*chosen};
  std::vector<std::size_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = i + 1;
  return numbers;
}

Json Rounded(float weight) {
  constexpr double kSteps = 1e6;
  return std::round(static_cast<double>(weight) * kSteps) / kSteps;
}

// [n][m]
Json Rows(const AttentionTable& table, std::size_t layer, std::size_t head) {
  Json rows = Json::array();
  for (std::size_t query = 0; query < table.queries.size(); ++query) {
    Json row = Json::array();
    for (std::size_t key = 0; key < table.keys.size(); ++key) {
      row.push_back(table.Sees(query, key)
                        ? Rounded(table.Weight(layer, head, query, key))
                        : Json());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Json ToJson(const AttentionTable& table, const AttentionChoice& choice) {
  const auto layers = Numbers(choice.layer, table.layers.size());
  const auto heads = Numbers(choice.head, table.heads);
  Json weights = Json::array();
  for (const std::size_t layer : layers) {
    Json maps = Json::array();
    for (const std::size_t head : heads) {
      maps.push_back(Rows(table, layer - 1, head - 1));
    }
    weights.push_back(std::move(maps));
  }
  return {
      {"queries", table.queries},
      {"keys", table.keys},
      {"layers", layers},
      {"heads", heads},
      {"shape",
       {layers.size(), heads.size(), table.queries.size(), table.keys.size()}},
      {"weights", std::move(weights)}};
}

}  // namespace

std::string ToJson(const ShownTranslation& shown,
                   const AttentionChoice& choice) {
  Json attentions = Json::object();
  for (const char* name : {"encoder", "decoder", "cross"}) {
    if (choice.attention && *choice.attention != name) continue;
    attentions[name] = ToJson(TableOf(shown.report, name), choice);
  }
  const Json object = {{"model", shown.model},
                       {"text", shown.text},
                       {"translation", shown.report.output.text},
                       {"score", shown.report.output.score},
                       {"attentions", std::move(attentions)}};
  constexpr int kOneLine = -1;
  constexpr bool kAscii = false;
  return object.dump(kOneLine, ' ', kAscii, Json::error_handler_t::replace);
}

}  // namespace tessera::tools
