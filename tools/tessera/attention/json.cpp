// JSON by nlohmann-json, keys in the order that people read them.
#include "tools/tessera/attention/json.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
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

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view part = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t b = 0; b < 3; ++b) {
      bits = bits << 8 |
             (b < part.size() ? static_cast<unsigned char>(part[b]) : 0u);
    }
    for (std::size_t d = 0; d < 4; ++d) {
      text += d > part.size() ? '=' : kDigits[bits >> (18 - 6 * d) & 63];
    }
  }
  return text;
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

// The largest weight, at least something.
float Largest(const AttentionTable& table, std::size_t layer,
              std::size_t head) {
  float largest = std::numeric_limits<float>::min();
  for (std::size_t query = 0; query < table.queries.size(); ++query) {
    for (std::size_t key = 0; key < table.keys.size(); ++key) {
      if (!table.Sees(query, key)) continue;
      largest = std::max(largest, table.Weight(layer, head, query, key));
    }
  }
  return largest;
}

// The rows as {"most": M, "packed": P}: P is base64 of n m numbers of 16 bits,
// little end first: 65535 where a query may not look, else weight / M * 65534.
// A weight takes 2.7 bytes, in digits 9; the error is 8e-6 of the largest.
Json PackedRows(const AttentionTable& table, std::size_t layer,
                std::size_t head) {
  constexpr float kMost = 65534;
  const float most = Largest(table, layer, head);
  std::string bytes;
  bytes.reserve(2 * table.queries.size() * table.keys.size());
  for (std::size_t query = 0; query < table.queries.size(); ++query) {
    for (std::size_t key = 0; key < table.keys.size(); ++key) {
      const float part =
          table.Sees(query, key)
              ? table.Weight(layer, head, query, key) / most * kMost
              : kMost + 1;
      const auto number = static_cast<unsigned>(std::max(part, 0.0f) + .5f);
      bytes += static_cast<char>(number & 0xFF);
      bytes += static_cast<char>(number >> 8);
    }
  }
  return {{"most", most}, {"packed", Base64(bytes)}};
}

Json ToJson(const AttentionTable& table, const AttentionChoice& choice,
            WeightsForm form) {
  const auto layers = Numbers(choice.layer, table.layers.size());
  const auto heads = Numbers(choice.head, table.heads);
  Json weights = Json::array();
  for (const std::size_t layer : layers) {
    Json maps = Json::array();
    for (const std::size_t head : heads) {
      maps.push_back(form == WeightsForm::kPacked
                         ? PackedRows(table, layer - 1, head - 1)
                         : Rows(table, layer - 1, head - 1));
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

std::size_t CountWeights(const AttentionReport& report,
                         const AttentionChoice& choice) {
  std::size_t weights = 0;
  for (const char* name : {"encoder", "decoder", "cross"}) {
    if (choice.attention && *choice.attention != name) continue;
    const AttentionTable& table = TableOf(report, name);
    weights += (choice.layer ? 1 : table.layers.size()) *
               (choice.head ? 1 : table.heads) * table.queries.size() *
               table.keys.size();
  }
  return weights;
}

std::string ToJson(const ShownTranslation& shown, const AttentionChoice& choice,
                   WeightsForm form) {
  Json attentions = Json::object();
  for (const char* name : {"encoder", "decoder", "cross"}) {
    if (choice.attention && *choice.attention != name) continue;
    attentions[name] = ToJson(TableOf(shown.report, name), choice, form);
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
