// A table of percentages, shaded by block characters.
#include "tools/tessera/attention/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tools/tessera/terminal_text.h"

namespace tessera::tools {
namespace {

// What a table shows: the weights of a head, or the mean of all.
struct Map {
  const AttentionTable& table;
  std::vector<float> weights;  // [n, m]
  float full = 1;              // the weight with the darkest shade

  float at(std::size_t query, std::size_t key) const {
    return weights[query * table.keys.size() + key];
  }
};

// `layer` from 0, `head` from 1.
Map MapOf(const AttentionTable& table, std::size_t layer,
          std::optional<std::size_t> head) {
  const std::size_t size = table.queries.size() * table.keys.size();
  const std::vector<float>& all = table.layers[layer];
  Map map = {table, std::vector<float>(size)};
  const auto heads = static_cast<float>(table.heads);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!head) map.weights[i % size] += all[i] / heads;
    if (head && i / size == *head - 1) map.weights[i % size] = all[i];
  }
  return map;
}

// As softmax has it. Other weights are shaded relative to the largest.
bool SumsToOne(const Map& map) {
  constexpr float kTolerance = 0.01f;
  const std::size_t keys = map.table.keys.size();
  for (auto row = map.weights.begin(); row != map.weights.end();) {
    const auto end = row + static_cast<std::ptrdiff_t>(keys);
    const float sum = std::accumulate(row, end, 0.0f);
    if (sum != 0 && std::abs(sum - 1) > kTolerance) return false;
    row = end;
  }
  return true;
}

const char* Shade(float part) {
  if (part >= 0.75f) return "█";
  if (part >= 0.5f) return "▓";
  if (part >= 0.25f) return "▒";
  return part >= 0.1f ? "░" : " ";
}

std::string Cell(const Map& map, std::size_t query, std::size_t key) {
  if (!map.table.Sees(query, key)) return "";
  const float weight = map.at(query, key);
  return std::to_string(std::lround(100 * weight)) + Shade(weight / map.full);
}

std::string Label(const std::string& piece) {
  constexpr std::size_t kMaxColumns = 20;
  return Shortened(Printable(piece), kMaxColumns);
}

std::string Strongest(const Map& map, std::size_t query) {
  std::optional<std::size_t> best;
  for (std::size_t key = 0; key < map.table.keys.size(); ++key) {
    if (map.at(query, key) > (best ? map.at(query, *best) : 0)) best = key;
  }
  return best ? "→ " + Label(map.table.keys[*best]) : "→ nothing";
}

// A column of the table: a heading and an entry for each query.
using Column = std::vector<std::string>;

std::size_t Width(const Column& column) {
  std::size_t width = 0;
  for (const std::string& entry : column) {
    width = std::max(width, Columns(entry));
  }
  return width;
}

// The one that names the strongest, and those of the keys.
std::vector<Column> MakeColumns(const Map& map) {
  const AttentionTable& table = map.table;
  std::vector<Column> columns;
  Column& strongest = columns.emplace_back(Column{""});
  for (std::size_t query = 0; query < table.queries.size(); ++query) {
    strongest.push_back(Strongest(map, query));
  }
  const std::size_t width = Width(strongest);
  for (std::string& entry : strongest) entry = LeftAligned(entry, width);
  for (std::size_t key = 0; key < table.keys.size(); ++key) {
    Column& column = columns.emplace_back(Column{Label(table.keys[key])});
    for (std::size_t query = 0; query < table.queries.size(); ++query) {
      column.push_back(Cell(map, query, key));
    }
  }
  return columns;
}

Column Names(const AttentionTable& table) {
  Column names = {""};
  for (const std::string& query : table.queries) names.push_back(Label(query));
  return names;
}

std::string WithoutTrailingSpace(const std::string& line) {
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::string Lines(const std::vector<const Column*>& columns) {
  std::string text;
  for (std::size_t row = 0; row < columns.front()->size(); ++row) {
    std::string line;
    for (const Column* column : columns) {
      line += (line.empty() ? "" : "  ") +
              RightAligned((*column)[row], Width(*column));
    }
    text += WithoutTrailingSpace(line) + "\n";
  }
  return text;
}

// As many columns as fit stand side by side, the names at their left.
std::string Table(const Map& map, std::size_t columns) {
  const Column names = Names(map.table);
  std::string text;
  std::vector<const Column*> part = {&names};
  std::size_t taken = Width(names);
  const std::vector<Column> all = MakeColumns(map);
  for (const Column& column : all) {
    const std::size_t more = 2 + Width(column);
    if (part.size() > 1 && taken + more > columns) {
      text += Lines(part) + "\n";
      part = {&names};
      taken = Width(names);
    }
    part.push_back(&column);
    taken += more;
  }
  return text + Lines(part);
}

// What rows and columns are.
const char* Meaning(const std::string& attention) {
  if (attention == "encoder") return "source (rows) looks at source (columns)";
  return attention == "decoder"
             ? "output (rows) looks at what was read before it (columns)"
             : "output (rows) looks at source (columns)";
}

std::string Heads(const AttentionTable& table,
                  std::optional<std::size_t> head) {
  const std::string count = std::to_string(table.heads);
  return head ? "head " + std::to_string(*head) + " of " + count
              : "mean of " + count + " heads";
}

}  // namespace

std::string ToText(const ShownTranslation& shown, const AttentionChoice& choice,
                   std::size_t columns) {
  const std::string attention = choice.attention.value_or("cross");
  const AttentionTable& table = TableOf(shown.report, attention);
  const std::size_t layers = table.layers.size();
  const std::size_t layer = choice.layer.value_or(layers);
  Map map = MapOf(table, layer - 1, choice.head);
  const bool percent = SumsToOne(map);
  if (!percent) map.full = std::ranges::max(map.weights);
  return Printable(shown.text) + "\n→ " + Printable(shown.report.output.text) +
         "\n\n" + attention + " attention, layer " + std::to_string(layer) +
         " of " + std::to_string(layers) + ", " + Heads(table, choice.head) +
         ":\n" + Meaning(attention) + (percent ? ", in %" : ", weights x 100") +
         "\n\n" + Table(map, columns);
}

}  // namespace tessera::tools
