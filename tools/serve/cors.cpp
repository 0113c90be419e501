// Without credentials: keys come in a header that the page sets itself.
#include "tools/serve/cors.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "models/files/message.h"

namespace tessera::tools::serve {
namespace {

// SCHEME://HOST[:PORT], as browsers write it.
bool IsOrigin(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == 0 || scheme == std::string_view::npos) return false;
  const std::string_view host = text.substr(scheme + 3);
  return !host.empty() && host.find('/') == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) {
           return c > ' ' && c < 0x7F && (c < 'A' || c > 'Z');
         });
}

}  // namespace

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {
  for (const std::string& origin : origins_) {
    if (origin == "*" || IsOrigin(origin)) continue;
    models::Refuse("--cors", "an origin like https://example.org, or *",
                   models::QuoteText(origin));
  }
}

Pairs Cors::Headers(const Request& request) const {
  if (origins_.empty()) return {};
  Pairs headers = {{"Vary", "Origin"}};
  const std::string origin(request.Header("origin"));
  const auto allows = [&](const std::string& allowed) {
    return allowed == "*" || allowed == origin;
  };
  if (origin.empty() || std::ranges::none_of(origins_, allows)) return headers;
  headers.emplace_back("Access-Control-Allow-Origin", origin);
  headers.emplace_back("Access-Control-Expose-Headers",
                       "Retry-After, X-Request-Id");
  return headers;
}

std::optional<Response> Cors::Preflight(const Request& request) const {
  const bool asks = request.method == "OPTIONS" &&
                    !request.Header("access-control-request-method").empty();
  // Vary alone: the page may not.
  if (!asks || Headers(request).size() < 2) return std::nullopt;
  return Response{.body = {},
                  .headers = {{"Access-Control-Allow-Methods", "GET, POST"},
                              {"Access-Control-Allow-Headers",
                               "Authorization, Content-Type, X-Request-Id"},
                              {"Access-Control-Max-Age", "600"}}};
}

}  // namespace tessera::tools::serve
