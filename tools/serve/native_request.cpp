// A field that is to blame is named.
#include "tools/serve/native_request.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "models/files/message.h"
#include "tools/tessera/json_options.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::ordered_json;
using models::Cat;

std::string TakeString(Fields& fields, const char* name) {
  const auto field = fields.Take(name);
  return field ? field->String() : std::string();
}

// The model that a request means by its name or by its languages; a language
// that is none is left open.
const ServedModel& ChooseModel(const Service& service, const std::string& name,
                               const std::string& source,
                               const std::string& target) {
  const auto translates = [&](const ServedModel& model) {
    if (!model.translator->info().languages.empty()) return true;
    return (source.empty() || source == model.source) &&
           (target.empty() || target == model.target);
  };
  if (!name.empty()) {
    const ServedModel* const model = service.FindModel(name);
    if (model == nullptr) {
      throw Refused{{.status = 404,
                     .message = Cat("model: want one of GET /v1/models, found ",
                                    models::QuoteText(name)),
                     .param = "model",
                     .code = "model_not_found"}};
    }
    if (translates(*model)) return *model;
    throw Refused{{.message = Cat("model: want one for these languages, found ",
                                  models::QuoteText(name)),
                   .param = source.empty() ? "target_lang" : "source_lang"}};
  }
  const ServedModel* only = nullptr;
  for (const ServedModel& model : service.models) {
    if (!translates(model)) continue;
    if (only != nullptr) {
      throw Refused{{.message = "model: want its name, there are several",
                     .param = "model"}};
    }
    only = &model;
  }
  if (only != nullptr) return *only;
  throw Refused{{.message = "target_lang, source_lang: want those of a model, "
                            "found others",
                 .param = "target_lang"}};
}

void CheckLimits(const TranslateOptions& options, const RequestLimits& limits) {
  const auto check = [](const char* name, const auto& value, std::size_t max) {
    if (!value || *value <= max) return;
    throw FieldError(name, Cat("at most ", max), std::to_string(*value));
  };
  check("beam_size", options.beam_size, limits.beams);
  check("n_best", options.n_best, limits.beams);
  check("alternatives", options.alternatives, limits.alternatives);
}

// Each by itself first: which of them is to blame.
void SetOptionsOf(const nlohmann::json& object, TranslateOptions& options) {
  for (const auto& [name, value] : object.items()) {
    Json one;
    one[name] = Json(value);
    TranslateOptions alone;
    try {
      SetOptions(one, alone);
    } catch (const Error& error) {
      throw Refused{{.message = error.what(), .param = name}};
    }
  }
  SetOptions(Json(object), options);
}

}  // namespace

NativeRequest ReadNativeRequest(const Service& service, Fields& fields,
                                TranslateOptions options) {
  const std::string name = TakeString(fields, "model");
  const std::string source = TakeString(fields, "source_lang");
  const std::string target = TakeString(fields, "target_lang");
  NativeRequest read = {.options = std::move(options)};
  SetOptionsOf(fields.rest(), read.options);
  CheckLimits(read.options, service.limits);
  read.time_limit = read.options.time_limit.value_or(service.limits.time);
  read.options.time_limit.reset();
  read.model = &ChooseModel(service, name, source, target);
  if (!read.model->translator->info().languages.empty()) {
    read.options.source_language = source;
    read.options.target_language = target;
  }
  read.model->translator->Check(read.options);
  return read;
}

void RequireJson(const Request& request) {
  const std::string type = Lower(request.Header("content-type"));
  if (type.substr(0, type.find(';')) == "application/json") return;
  throw Refused{
      {.status = 415, .message = "want Content-Type: application/json"}};
}

}  // namespace tessera::tools::serve
