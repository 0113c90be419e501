// Models of two languages are asked first; names of languages are ICU's.
#include "tools/serve/routes.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "tools/serve/http.h"

namespace tessera::tools::serve {
namespace {

// The model's own spelling of a code; empty if it does not know it.
std::string Spelled(const ModelInfo& info, std::string_view code) {
  for (const std::string& language : info.languages) {
    if (Lower(language) == code) return language;
  }
  return {};
}

}  // namespace

Route FindRoute(const Service& service, std::string_view source,
                std::string_view target) {
  Route route;
  for (const ServedModel& model : service.models) {
    if (model.target != target || target.empty()) continue;
    if (!source.empty() && model.source != source) continue;
    if (route.model != nullptr && route.source != model.source) return {};
    if (route.model == nullptr)
      route = {.model = &model, .source = model.source};
  }
  if (route.model != nullptr || source.empty()) return route;
  for (const ServedModel& model : service.models) {
    const ModelInfo& info = model.translator->info();
    const std::string from = Spelled(info, source);
    const std::string to = Spelled(info, target);
    if (from.empty() || to.empty()) continue;
    return {.model = &model,
            .source = std::string(source),
            .source_option = from,
            .target_option = to};
  }
  return {};
}

Targets AllTargets(const Service& service) {
  Targets targets;
  for (const ServedModel& model : service.models) {
    if (!model.source.empty()) {
      targets[model.source].insert(model.target);
      targets[model.target];
    }
    const std::vector<std::string>& languages =
        model.translator->info().languages;
    for (const std::string& source : languages) {
      for (const std::string& target : languages) {
        if (source != target) targets[Lower(source)].insert(Lower(target));
      }
    }
  }
  return targets;
}

std::string CommonSource(const Service& service) {
  std::string common;
  for (const ServedModel& model : service.models) {
    if (!model.translator->info().languages.empty()) return {};
    if (model.source.empty()) continue;
    if (!common.empty() && model.source != common) return {};
    common = model.source;
  }
  return common;
}

std::string LanguageName(const std::string& code) {
  // LibreTranslate's own codes.
  if (code == "pb") return "Portuguese (Brazil)";
  if (code == "zt") return "Chinese (traditional)";
  icu::UnicodeString shown;
  icu::Locale(code.c_str())
      .getDisplayLanguage(icu::Locale::getEnglish(), shown);
  std::string name;
  shown.toUTF8String(name);
  return name.empty() ? code : name;
}

}  // namespace tessera::tools::serve
