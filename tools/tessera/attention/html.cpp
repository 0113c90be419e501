// The page: a template that the build has put into the program, and JSON.
#include "tools/tessera/attention/html.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "tools/tessera/attention/json.h"
#include "tools/tessera/attention/page.h"

namespace tessera::tools {
namespace {

// What the page opens at.
nlohmann::ordered_json Opened(const ShownTranslation& shown,
                              const AttentionChoice& choice) {
  const std::string attention = choice.attention.value_or("cross");
  const std::size_t layers = TableOf(shown.report, attention).layers.size();
  nlohmann::ordered_json head;
  if (choice.head) head = *choice.head;
  return {{"attention", attention},
          {"layer", choice.layer.value_or(layers)},
          {"head", std::move(head)}};
}

}  // namespace

std::string EscapeForScript(const std::string& json) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5>
      kEscapes = {{{"<", "\\u003c"},
                   {">", "\\u003e"},
                   {"&", "\\u0026"},
                   {"\u2028", "\\u2028"},
                   {"\u2029", "\\u2029"}}};
  std::string escaped;
  for (std::string_view rest = json; !rest.empty();) {
    std::string_view from = rest.substr(0, 1), to = from;
    for (const auto& [character, escape] : kEscapes) {
      if (rest.starts_with(character)) {
        from = character;
        to = escape;
      }
    }
    escaped += to;
    rest.remove_prefix(from.size());
  }
  return escaped;
}

std::string ToHtml(const ShownTranslation& shown,
                   const AttentionChoice& choice) {
  constexpr std::string_view kMark = "@REPORT@";
  const std::string_view page = kAttentionPage;
  const std::size_t mark = page.find(kMark);
  std::string html(page.substr(0, mark));
  html += EscapeForScript(
      "{\"shown\":" + Opened(shown, choice).dump() +
      ",\"report\":" + ToJson(shown, {}, WeightsForm::kPacked) + "}");
  return html.append(page.substr(mark + kMark.size()));
}

}  // namespace tessera::tools
