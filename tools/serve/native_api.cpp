// POST /v1/translations and GET /v1/models.
#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/files/message.h"
#include "tools/serve/fields.h"
#include "tools/serve/service.h"
#include "tools/tessera/json_options.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::ordered_json;
using models::Cat;

constexpr ErrorForm kForm = ErrorForm::kNative;

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

struct Asked {
  Job job;
  std::string model;
  bool tokens = false;  // "return": ["tokens"]
  bool stream = false;
};

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
TranslateOptions OptionsOf(const nlohmann::json& object) {
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
  TranslateOptions options;
  SetOptions(Json(object), options);
  return options;
}

Asked Read(const Service& service, const Request& request) {
  Fields fields(request.body);
  Asked asked;
  const auto input = fields.Take("input");
  if (!input) throw FieldError("input", "a string or a list of them", "none");
  asked.job.texts = input->Strings();
  CheckTexts(asked.job.texts, service.limits, "input");
  const std::string name = TakeString(fields, "model");
  const std::string source = TakeString(fields, "source_lang");
  const std::string target = TakeString(fields, "target_lang");
  if (const auto stream = fields.Take("stream")) {
    asked.stream = stream->Boolean();
  }
  if (const auto list = fields.Take("return")) {
    for (const Field& item : list->List()) {
      if (item.String() != "tokens") item.Fail("\"tokens\"");
      asked.tokens = true;
    }
  }
  asked.job.options = OptionsOf(fields.rest());
  CheckLimits(asked.job.options, service.limits);
  asked.job.time_limit =
      asked.job.options.time_limit.value_or(service.limits.time);
  asked.job.options.time_limit.reset();
  const ServedModel& model = ChooseModel(service, name, source, target);
  if (!model.translator->info().languages.empty()) {
    asked.job.options.source_language = source;
    asked.job.options.target_language = target;
  }
  model.translator->Check(asked.job.options);
  asked.model = model.name;
  asked.job.translator = model.translator;
  return asked;
}

Json ToJson(const Hypothesis& hypothesis, bool tokens) {
  Json json = {{"text", hypothesis.text}, {"score", hypothesis.score}};
  if (tokens) {
    json["pieces"] = hypothesis.pieces;
    json["ids"] = hypothesis.ids;
    json["log_probs"] = hypothesis.log_probs;
  }
  return json;
}

Json ToJson(const Translation& translation, std::size_t index, bool tokens) {
  Json list = Json::array();
  for (const Hypothesis& hypothesis : translation.hypotheses) {
    list.push_back(ToJson(hypothesis, tokens));
  }
  Json json = {{"index", index},
               {"text", translation.text()},
               {"translations", std::move(list)},
               {"error", nullptr}};
  if (translation.truncated_tokens > 0) {
    json["truncated_tokens"] = translation.truncated_tokens;
  }
  if (!translation.ok()) {
    const Response error = ToResponse(kForm, FailureOf(translation));
    json["error"] = Json::parse(error.body)["error"];
  }
  return json;
}

Response Respond(const std::string& id, const std::string& model, bool tokens,
                 const std::vector<Translation>& translations) {
  if (std::ranges::none_of(translations, &Translation::ok)) {
    return ToResponse(kForm, FailureOf(translations.front()));
  }
  Json data = Json::array();
  std::size_t output_tokens = 0;
  for (const Translation& translation : translations) {
    data.push_back(ToJson(translation, data.size(), tokens));
    for (const Hypothesis& hypothesis : translation.hypotheses) {
      output_tokens += hypothesis.ids.size();
    }
  }
  return {.body = Dump({{"id", id},
                        {"object", "list"},
                        {"model", model},
                        {"data", std::move(data)},
                        {"usage", {{"output_tokens", output_tokens}}}})};
}

// Server-Sent Events: what a text grows by, each text when it is done, and
// [DONE].
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(Loop& loop, std::shared_ptr<Exchange> exchange, bool tokens)
      : loop_(loop), exchange_(std::move(exchange)), tokens_(tokens) {}

  void Begin() {
    exchange_->send("");
    Ping();
  }
  void Grow(std::size_t index, const std::string& text) {
    Send({{"index", index}, {"delta", text}});
  }
  void Add(std::size_t index, const Translation& translation) {
    Send(ToJson(translation, index, tokens_));
  }
  void End(JobEnd end) {
    ping_.reset();
    if (end == JobEnd::kTimedOut) {
      Send(Json::parse(ToResponse(kForm, TimePassed()).body));
    }
    exchange_->send("data: [DONE]\n\n");
    exchange_->finish();
  }

 private:
  void Send(const Json& event) {
    exchange_->send("data: " + Dump(event) + "\n\n");
  }
  // So that nobody between takes the connection for dead.
  void Ping() {
    ping_ = loop_.After(kPingTime, [kept = weak_from_this()] {
      const auto stream = kept.lock();
      if (!stream) return;
      stream->exchange_->send(": ping\n\n");
      stream->Ping();
    });
  }

  static constexpr std::chrono::seconds kPingTime{15};
  Loop& loop_;
  std::shared_ptr<Exchange> exchange_;
  bool tokens_;
  Loop::Timer ping_;
};

void Stream(Service& service, const std::shared_ptr<Exchange>& exchange,
            Asked asked) {
  const auto stream =
      std::make_shared<EventStream>(service.loop, exchange, asked.tokens);
  asked.job.grows = [stream](std::size_t index, const std::string& text) {
    stream->Grow(index, text);
  };
  asked.job.text_done = [stream](std::size_t index, const Translation& text) {
    stream->Add(index, text);
  };
  asked.job.finished = [stream](JobResult result) { stream->End(result.end); };
  if (Admit(service, exchange, std::move(asked.job), kForm)) stream->Begin();
}

void PostTranslations(Service& service, std::shared_ptr<Exchange> exchange) {
  const std::string type = Lower(exchange->request.Header("content-type"));
  if (type.substr(0, type.find(';')) != "application/json") {
    return exchange->answer(ToResponse(
        kForm,
        {.status = 415, .message = "want Content-Type: application/json"}));
  }
  Guard(*exchange, kForm, [&] {
    Asked asked = Read(service, exchange->request);
    if (asked.stream) return Stream(service, exchange, std::move(asked));
    Translate(service, exchange, std::move(asked.job), kForm,
              [id = exchange->id, model = std::move(asked.model),
               tokens = asked.tokens](std::vector<Translation> translations) {
                return Respond(id, model, tokens, translations);
              });
  });
}

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

void AddNativeEndpoints(Router& router, Service& service) {
  router.Add({.method = "POST",
              .path = "/v1/translations",
              .handle = [&service](std::shared_ptr<Exchange> exchange) {
                PostTranslations(service, std::move(exchange));
              }});
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
