// LibreTranslate's endpoints, for its clients. Unlike there the text is the
// model's, byte for byte: no case or punctuation is copied from the source.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "models/files/message.h"
#include "tools/serve/params.h"
#include "tools/serve/routes.h"
#include "tools/serve/service.h"
#include "tools/serve/source_language.h"
#include "tools/serve/text_request.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::ordered_json;
using models::Cat;

constexpr ErrorForm kForm = ErrorForm::kLibreTranslate;

// What clients write, as it is looked up.
std::string Code(const std::string& text) {
  const std::string code = Lower(text);
  if (code == "pt-br") return "pb";
  if (code == "zh-hans") return "zh";
  if (code == "zh-hant") return "zt";
  return code;
}

[[noreturn]] void Refuse(std::string message) {
  throw Refused{{.status = 400, .message = std::move(message)}};
}

std::string Want(const Params& params, const std::string& name) {
  std::string text = params.Text(name);
  if (text.empty()) {
    Refuse(Cat("Invalid request: missing ", name, " parameter"));
  }
  return text;
}

struct Asked {
  TextRequest request;
  bool is_list = false;
  std::size_t alternatives = 0;
  std::optional<SourceLanguage> detected = {};  // if the source was left open
};

// The request's route, and its source if that was left open.
void SetRoute(const Service& service, const std::string& source,
              const std::string& target, Asked& asked) {
  const Targets& known = service.targets;
  TextRequest& request = asked.request;
  if (source != "auto" && !known.contains(source)) {
    Refuse(source + " is not supported");
  }
  if (!known.contains(target)) Refuse(target + " is not supported");
  if (source != "auto") {
    request.route = FindRoute(service, source, target);
    if (!request.route.empty()) return;
    Refuse(Cat(LanguageName(target), " (", target,
               ") is not available as a target language from ",
               LanguageName(source), " (", source, ")"));
  }
  std::optional<MarkupKind> markup;
  if (request.markup) markup = request.markup->kind;
  auto choice =
      ChooseSource(service, request.texts,
                   DetectSources(service, request.texts, markup), target);
  if (!choice) Refuse("auto is not supported: name the source language");
  request.route = std::move(choice->route);
  asked.detected = std::move(choice->source);
}

void CheckTexts(const Asked& asked, const RequestLimits& limits) {
  try {
    serve::CheckTexts(asked.request.texts, limits, "q");
  } catch (Refused& refused) {
    refused.failure.message.insert(0, "Invalid request: ");
    throw;
  }
}

Asked Read(const Service& service, const Params& params) {
  Asked asked;
  asked.request.texts = params.Texts("q");
  asked.is_list = params.IsList("q");
  if (!asked.is_list || asked.request.texts.empty()) {
    asked.request.texts = {Want(params, "q")};
  }
  CheckTexts(asked, service.limits);
  const std::string source = Code(Want(params, "source"));
  const std::string target = Code(Want(params, "target"));
  const std::string format = params.Text("format");
  if (!format.empty() && format != "text" && format != "html") {
    Refuse("format: want text or html");
  }
  asked.alternatives =
      params.Number("alternatives", service.limits.alternatives);
  if (format == "html") asked.request.markup.emplace();
  SetRoute(service, source, target, asked);
  if (asked.request.route.empty()) return asked;
  TranslateOptions& options = asked.request.options;
  options.split = TextSplit::kSentences;  // texts are paragraphs
  const std::size_t beams =
      asked.request.route.back().model->translator->info().beam_size;
  if (asked.alternatives + 1 > beams) {
    options.beam_size = asked.alternatives + 1;
  }
  return asked;
}

// The key of the field, where the head had none.
void Authorize(Service& service, const Params& params, Exchange& exchange) {
  if (service.keys.empty() || exchange.holder != nullptr) return;
  const std::string key = params.Text("api_key");
  if (key.empty()) {
    Refuse("Please contact the server operator to get an API key");
  }
  if (!NoteHolder(service, key, exchange)) {
    throw Refused{{.status = 403, .message = "Invalid API key"}};
  }
}

Json Detected(const SourceLanguage& source) {
  return {{"confidence", source.confidence}, {"language", source.code}};
}

// The outputs behind the best, each once.
Json Alternatives(const Translation& translation, std::size_t count) {
  Json list = Json::array();
  std::vector<std::string_view> seen = {"", translation.text()};
  for (const Hypothesis& hypothesis : translation.hypotheses) {
    if (list.size() == count) break;
    if (std::ranges::find(seen, hypothesis.text) != seen.end()) continue;
    seen.push_back(hypothesis.text);
    list.push_back(hypothesis.text);
  }
  return list;
}

Response Respond(const Asked& asked, const TranslatedTexts& translated) {
  Json alternatives = Json::array(), detected = Json::array();
  for (std::size_t i = 0; i < translated.texts.size(); ++i) {
    if (asked.detected) detected.push_back(Detected(*asked.detected));
    alternatives.push_back(
        translated.translations.empty()
            ? Json::array()
            : Alternatives(translated.translations[i], asked.alternatives));
  }
  const auto shown = [&asked](const Json& list) -> const Json& {
    return asked.is_list ? list : list.front();
  };
  const Json texts = translated.texts;
  Json body = {{"translatedText", shown(texts)}};
  if (asked.detected) body["detectedLanguage"] = shown(detected);
  if (asked.alternatives > 0) body["alternatives"] = shown(alternatives);
  return {.body = Dump(body)};
}

void PostTranslate(Service& service, std::shared_ptr<Exchange> exchange) {
  if (RefusedAsFull(service, *exchange, kForm)) return;
  Guard(*exchange, kForm, [&] {
    const Params params(exchange->request);
    Authorize(service, params, *exchange);
    Asked asked = Read(service, params);
    TextRequest request = std::move(asked.request);
    if (request.route.empty()) {
      return exchange->answer(Respond(asked, {std::move(request.texts), {}}));
    }
    TranslateTexts(service, exchange, std::move(request), kForm,
                   [asked = std::move(asked)](const TranslatedTexts& texts) {
                     return Respond(asked, texts);
                   });
  });
}

// Where nobody can tell: what is known without reading the text.
void PostDetect(Service& service, Exchange& exchange) {
  Guard(exchange, kForm, [&] {
    const Params params(exchange.request);
    Authorize(service, params, exchange);
    std::vector<SourceLanguage> sources =
        DetectSources(service, {Want(params, "q")});
    if (sources.empty()) sources.push_back(AssumedSource(service));
    if (sources.front().code.empty()) Refuse("languages are not detected here");
    Json body = Json::array();
    for (const SourceLanguage& source : sources) {
      body.push_back(Detected(source));
    }
    exchange.answer({.body = Dump(body)});
  });
}

void GetLanguages(const Service& service, Exchange& exchange) {
  Json list = Json::array();
  for (const auto& [code, targets] : service.targets) {
    list.push_back(
        {{"code", code}, {"name", LanguageName(code)}, {"targets", targets}});
  }
  exchange.answer({.body = Dump(list)});
}

Json NamedLanguage(const std::string& code) {
  return {{"code", code}, {"name", LanguageName(code)}};
}

void GetSettings(const Service& service, Exchange& exchange) {
  Json source = nullptr, target = nullptr;
  for (const auto& [code, targets] : service.targets) {
    if (targets.empty() || !source.is_null()) continue;
    source = NamedLanguage(code);
    target = NamedLanguage(*targets.begin());
  }
  const Json body = {{"charLimit", service.limits.characters},
                     {"frontendTimeout", 500},
                     {"apiKeys", !service.keys.empty()},
                     {"keyRequired", !service.keys.empty()},
                     {"suggestions", false},
                     {"filesTranslation", false},
                     {"supportedFilesFormat", Json::array()},
                     {"language", {{"source", source}, {"target", target}}}};
  exchange.answer({.body = Dump(body)});
}

}  // namespace

void AddLibreTranslateEndpoints(Router& router, Service& service) {
  const auto add = [&router](const char* method, const char* path,
                             Access access, auto handle) {
    router.Add({.method = method,
                .path = path,
                .form = kForm,
                .access = access,
                .handle = handle});
  };
  add("POST", "/translate", Access::kKeyOrField,
      [&service](std::shared_ptr<Exchange> exchange) {
        PostTranslate(service, std::move(exchange));
      });
  add("POST", "/detect", Access::kKeyOrField,
      [&service](std::shared_ptr<Exchange> exchange) {
        PostDetect(service, *exchange);
      });
  add("GET", "/languages", Access::kOpen,
      [&service](std::shared_ptr<Exchange> exchange) {
        GetLanguages(service, *exchange);
      });
  add("GET", "/frontend/settings", Access::kOpen,
      [&service](std::shared_ptr<Exchange> exchange) {
        GetSettings(service, *exchange);
      });
  const auto off = [](std::shared_ptr<Exchange> exchange) {
    exchange->answer(ToResponse(
        kForm, {.status = 403, .message = "This is not offered here"}));
  };
  add("POST", "/suggest", Access::kOpen, off);
  add("POST", "/translate_file", Access::kOpen, off);
  add("GET", "/download_file/*", Access::kOpen, off);
}

}  // namespace tessera::tools::serve
