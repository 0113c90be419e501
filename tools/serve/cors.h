// Pages of other origins that may use the server: Cross-Origin Resource
// Sharing.
#ifndef TESSERA_TOOLS_SERVE_CORS_H_
#define TESSERA_TOOLS_SERVE_CORS_H_

#include <optional>
#include <string>
#include <vector>

#include "tools/serve/http.h"

namespace tessera::tools::serve {

class Cors {
 public:
  // Of no other origin.
  Cors() = default;
  // Each "https://example.org", or "*": all. Throws Error for another text.
  explicit Cors(std::vector<std::string> origins);

  // What a response tells the browser; empty for a page that may not.
  Pairs Headers(const Request& request) const;

  // The answer to a browser that asks before it sends a page's request; nullopt
  // for another request, or a page that may not.
  std::optional<Response> Preflight(const Request& request) const;

 private:
  std::vector<std::string> origins_ = {};
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_CORS_H_
