// GET /v1/models, in OpenAI's form.
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/serve/service.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr ErrorForm kForm = ErrorForm::kNative;

Json ToJson(const ServedModel& model, const Service& service) {
  const ModelInfo& info = model.translator->info();
  Json json = {{"id", model.name},
               {"object", "model"},
               {"created", service.started},
               {"owned_by", "tessera"},
               {"architecture", info.architecture},
               {"precision", info.compute_type}};
  if (!model.source.empty()) {
    json["source_lang"] = model.source;
    json["target_lang"] = model.target;
  }
  if (!info.languages.empty()) json["languages"] = info.languages;
  const RequestLimits& limits = service.limits;
  json["limits"] = {
      {"texts", limits.texts},
      {"characters", limits.characters},
      {"source_tokens", info.max_source_tokens},
      {"beam_size", limits.beams},
      {"alternatives", limits.alternatives},
      {"time_limit", static_cast<double>(limits.time.count()) / 1000}};
  return json;
}

void GetModels(const Service& service, Exchange& exchange) {
  Json data = Json::array();
  for (const ServedModel& model : service.models) {
    data.push_back(ToJson(model, service));
  }
  exchange.answer(
      {.body = Dump({{"object", "list"}, {"data", std::move(data)}})});
}

void GetModel(const Service& service, Exchange& exchange) {
  const ServedModel* const model =
      service.FindModel(PathSegment(exchange.request.path, 2));
  if (model == nullptr) {
    return exchange.answer(ToResponse(kForm, {.status = 404,
                                              .message = "no such model",
                                              .param = "model",
                                              .code = "model_not_found"}));
  }
  exchange.answer({.body = Dump(ToJson(*model, service))});
}

}  // namespace

void AddModelEndpoints(Router& router, Service& service) {
  router.Add({.method = "GET",
              .path = "/v1/models",
              .handle = [&service](std::shared_ptr<Exchange> exchange) {
                GetModels(service, *exchange);
              }});
  router.Add({.method = "GET",
              .path = "/v1/models/*",
              .handle = [&service](std::shared_ptr<Exchange> exchange) {
                GetModel(service, *exchange);
              }});
}

}  // namespace tessera::tools::serve
