// Whether the server lives and takes work, as LibreTranslate and KServe's Open
// Inference Protocol ask for it.
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/serve/service.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::ordered_json;

// Both names in both answers: the protocol's text and its OpenAPI file differ.
Response Health(bool ready) {
  const Json body = {{"ready", ready}, {"live", true}};
  return {.status = ready ? 200 : 503, .body = body.dump()};
}

Response ModelHealth(const Service& service, std::string_view name) {
  if (service.FindModel(name) == nullptr) {
    return ToResponse(ErrorForm::kNative,
                      {.status = 404, .message = "no such model"});
  }
  Json body = {{"name", name}, {"ready", !service.draining}};
  return {.status = service.draining ? 503 : 200, .body = body.dump()};
}

Response ModelMetadata(const Service& service, std::string_view name) {
  if (service.FindModel(name) == nullptr) {
    return ToResponse(ErrorForm::kNative,
                      {.status = 404, .message = "no such model"});
  }
  const Json body = {{"name", name},
                     {"platform", "tessera"},
                     {"inputs", Json::array()},
                     {"outputs", Json::array()}};
  return {.body = body.dump()};
}

}  // namespace

void AddHealthEndpoints(Router& router, Service& service) {
  const auto add = [&router](const char* path, auto respond) {
    router.Add({.method = "GET",
                .path = path,
                .access = Access::kOpen,
                .handle = [respond](std::shared_ptr<Exchange> exchange) {
                  exchange->answer(respond(exchange->request.path));
                }});
  };
  add("/health", [&service](std::string_view) -> Response {
    if (service.draining) {
      return {.status = 503, .body = R"({"status":"draining"})"};
    }
    return {.body = R"({"status":"ok"})"};
  });
  add("/v2/health/live", [](std::string_view) { return Health(true); });
  add("/v2/health/ready",
      [&service](std::string_view) { return Health(!service.draining); });
  add("/v2", [](std::string_view) -> Response {
    const Json body = {{"name", "tessera"},
                       {"version", Version()},
                       {"extensions", Json::array()}};
    return {.body = body.dump()};
  });
  for (const char* path :
       {"/v2/models/*/ready", "/v2/models/*/versions/*/ready"}) {
    add(path, [&service](std::string_view asked) {
      return ModelHealth(service, PathSegment(asked, 2));
    });
  }
  for (const char* path : {"/v2/models/*", "/v2/models/*/versions/*"}) {
    add(path, [&service](std::string_view asked) {
      return ModelMetadata(service, PathSegment(asked, 2));
    });
  }
}

}  // namespace tessera::tools::serve
