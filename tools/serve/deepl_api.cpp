// DeepL's endpoints of version 2, for its clients.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
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

constexpr ErrorForm kForm = ErrorForm::kDeepL;

// Where there is no limit: its clients take one for granted.
constexpr std::uint64_t kNoLimit = 1'000'000'000'000;

std::string Upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

[[noreturn]] void Refuse(std::string message) {
  throw Refused{{.status = 400, .message = std::move(message)}};
}

// "EN-GB" is English where no model is for the region.
std::vector<std::string> CodesOf(const std::string& target) {
  std::vector<std::string> codes = {target};
  if (target == "pt-br") codes.emplace_back("pb");
  if (target == "zh-hant") codes.emplace_back("zt");
  codes.push_back(target.substr(0, target.find('-')));
  return codes;
}

// An empty source is open. The code that it has for a client is the route's
// own, or the detected one of texts that stay as they are.
SourceChoice Choose(const Service& service, const TextRequest& request,
                    const std::string& source, const std::string& target) {
  const std::string code = source.substr(0, source.find('-'));
  std::vector<SourceLanguage> detected;
  if (code.empty()) {
    std::optional<MarkupKind> markup;
    if (request.markup) markup = request.markup->kind;
    detected = DetectSources(service, request.texts, markup);
  }
  for (const std::string& into : CodesOf(target)) {
    if (code.empty()) {
      auto choice = ChooseSource(service, request.texts, detected, into);
      if (choice) return std::move(*choice);
      continue;
    }
    Route route = FindRoute(service, code, into);
    if (!route.empty()) return {{.code = code}, std::move(route)};
  }
  Refuse(code.empty()
             ? "Value for 'target_lang' not supported without 'source_lang'."
             : "Value for 'target_lang' not supported.");
}

// What a model cannot do must not seem to have been done.
void RefuseUnsupported(const Params& params) {
  if (!params.Text("glossary_id").empty()) Refuse("No glossaries here.");
  const std::string formality = params.Text("formality");
  if (!formality.empty() && formality != "default" &&
      !formality.starts_with("prefer_")) {
    Refuse("Value for 'formality' not supported.");
  }
}

// "nonewlines" would join lines; lines stay lines here.
TextSplit SplitOf(const Params& params) {
  const std::string split = params.Text("split_sentences");
  if (split == "0" || split == "false") return TextSplit::kNone;
  if (split.empty() || split == "1" || split == "true" ||
      split == "nonewlines") {
    return TextSplit::kSentences;
  }
  Refuse("Value for 'split_sentences' not supported.");
}

// Of a list, or of names with commas between.
std::set<std::string> Tags(const Params& params, const std::string& name) {
  std::set<std::string> tags;
  for (const std::string& text : params.Texts(name)) {
    std::istringstream names(text);
    for (std::string tag; std::getline(names, tag, ',');) tags.insert(tag);
  }
  return tags;
}

std::optional<MarkupRules> RulesOf(const Params& params) {
  const std::string handling = params.Text("tag_handling");
  if (handling.empty()) return std::nullopt;
  if (handling == "html") return MarkupRules();
  if (handling != "xml") Refuse("Value for 'tag_handling' not supported.");
  const std::string outline = params.Text("outline_detection");
  return MarkupRules{.kind = MarkupKind::kXml,
                     .ignored = Tags(params, "ignore_tags"),
                     .splitting = Tags(params, "splitting_tags"),
                     .not_splitting = Tags(params, "non_splitting_tags"),
                     .outline = outline != "0" && outline != "false"};
}

// Of a request: its source language, and how long its texts are.
struct Billed {
  std::string source;
  std::vector<std::size_t> characters = {};
};

struct Asked {
  TextRequest request;
  Billed billed = {};
};

Asked Read(const Service& service, const Request& body) {
  const Params params(body);
  Asked asked = {.request = {.texts = params.Texts("text"), .route = {}}};
  TextRequest& request = asked.request;
  if (request.texts.empty()) Refuse("Parameter 'text' not specified.");
  CheckTexts(request.texts, service.limits, "text");
  const std::string target = Lower(params.Text("target_lang"));
  if (target.empty()) Refuse("Parameter 'target_lang' not specified.");
  RefuseUnsupported(params);
  request.options.split = SplitOf(params);
  request.markup = RulesOf(params);
  SourceChoice choice =
      Choose(service, request, Lower(params.Text("source_lang")), target);
  request.route = std::move(choice.route);
  asked.billed.source = Upper(std::move(choice.source.code));
  for (const std::string& text : request.texts) {
    asked.billed.characters.push_back(CountCharacters(text));
  }
  return asked;
}

// billed_characters always: its client of Python fails without.
Response Respond(Service& service, const Billed& billed,
                 const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) {
    const std::size_t characters = billed.characters[list.size()];
    service.billed_characters += characters;
    list.push_back({{"detected_source_language", billed.source},
                    {"text", text},
                    {"billed_characters", characters}});
  }
  return {.body = Dump({{"translations", std::move(list)}})};
}

void PostTranslate(Service& service, std::shared_ptr<Exchange> exchange) {
  if (RefusedAsFull(service, *exchange, kForm)) return;
  Guard(*exchange, kForm, [&] {
    Asked asked = Read(service, exchange->request);
    if (asked.request.route.empty()) {
      return exchange->answer(
          Respond(service, asked.billed, asked.request.texts));
    }
    TranslateTexts(service, exchange, std::move(asked.request), kForm,
                   [&service, billed = std::move(asked.billed)](
                       const TranslatedTexts& translated) {
                     return Respond(service, billed, translated.texts);
                   });
  });
}

// Regions, where its clients refuse the language without one.
std::vector<std::string> TargetCodes(const std::string& code) {
  if (code == "en") return {"EN-GB", "EN-US"};
  if (code == "pt") return {"PT-BR", "PT-PT"};
  if (code == "pb") return {"PT-BR"};
  if (code == "zh") return {"ZH", "ZH-HANS"};
  if (code == "zt") return {"ZH-HANT"};
  return {Upper(code)};
}

void GetLanguages(const Service& service, Exchange& exchange) {
  Guard(exchange, kForm, [&] {
    // Its clients send the type in the body of a GET.
    const std::string type = Params(exchange.request).Text("type");
    if (!type.empty() && type != "source" && type != "target") {
      Refuse("Value for 'type' not supported.");
    }
    std::set<std::string> targets;
    Json list = Json::array();
    for (const auto& [code, into] : service.targets) {
      targets.insert(into.begin(), into.end());
      if (type == "target" || into.empty()) continue;
      list.push_back({{"language", Upper(code)}, {"name", LanguageName(code)}});
    }
    if (type != "target") targets.clear();
    for (const std::string& language : targets) {
      for (const std::string& code : TargetCodes(language)) {
        list.push_back({{"language", code},
                        {"name", LanguageName(language)},
                        {"supports_formality", false}});
      }
    }
    exchange.answer({.body = Dump(list)});
  });
}

}  // namespace

void AddDeepLEndpoints(Router& router, Service& service) {
  router.Add({.method = "POST",
              .path = "/v2/translate",
              .form = kForm,
              .handle = [&service](std::shared_ptr<Exchange> exchange) {
                PostTranslate(service, std::move(exchange));
              }});
  router.Add({.method = "GET",
              .path = "/v2/languages",
              .form = kForm,
              .handle = [&service](std::shared_ptr<Exchange> exchange) {
                GetLanguages(service, *exchange);
              }});
  router.Add({.method = "GET",
              .path = "/v2/usage",
              .form = kForm,
              .handle = [&service](std::shared_ptr<Exchange> exchange) {
                const Json body = {
                    {"character_count", service.billed_characters},
                    {"character_limit", kNoLimit}};
                exchange->answer({.body = Dump(body)});
              }});
}

}  // namespace tessera::tools::serve
