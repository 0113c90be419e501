// The page for people at /, which talks to the native endpoints.
#include <string>
#include <string_view>
#include <utility>

#include "tools/serve/page.h"
#include "tools/serve/service.h"

namespace tessera::tools::serve {
namespace {

// Nothing but the page's own files and endpoints, in no other page's frame.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src "
    "'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

void Add(Router& router, const char* path, std::string_view bytes,
         const char* type) {
  router.Add({.method = "GET",
              .path = path,
              .access = Access::kOpen,
              .handle = [bytes, type](std::shared_ptr<Exchange> exchange) {
                exchange->answer(
                    {.body = std::string(bytes),
                     .content_type = type,
                     .headers = {{"Content-Security-Policy", kPolicy},
                                 {"X-Content-Type-Options", "nosniff"},
                                 {"Referrer-Policy", "no-referrer"},
                                 {"Cache-Control", "no-cache"}}});
              }});
}

}  // namespace

void AddPage(Router& router) {
  Add(router, "/", kPage.html, "text/html; charset=utf-8");
  Add(router, "/page.css", kPage.style, "text/css; charset=utf-8");
  Add(router, "/attention.js", kPage.attention,
      "text/javascript; charset=utf-8");
  Add(router, "/page.js", kPage.script, "text/javascript; charset=utf-8");
}

}  // namespace tessera::tools::serve
