// Models of two languages are asked first; names of languages are ICU's.
#include "tools/serve/routes.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <utility>

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

// The model is null if there is none.
Hop FindHop(const Service& service, std::string_view source,
            std::string_view target) {
  Hop hop;
  for (const ServedModel& model : service.models) {
    if (model.target != target || target.empty()) continue;
    if (!source.empty() && model.source != source) continue;
    if (hop.model != nullptr && hop.source != model.source) return {};
    if (hop.model == nullptr) hop = {.model = &model, .source = model.source};
  }
  if (hop.model != nullptr || source.empty()) return hop;
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

Route Through(const Service& service, std::string_view source,
              std::string_view pivot, std::string_view target) {
  Hop first = FindHop(service, source, pivot);
  if (first.model == nullptr) return {};
  Hop second = FindHop(service, pivot, target);
  if (second.model == nullptr) return {};
  return {std::move(first), std::move(second)};
}

}  // namespace

Route FindRoute(const Service& service, std::string_view source,
                std::string_view target) {
  Hop direct = FindHop(service, source, target);
  if (direct.model != nullptr) return {std::move(direct)};
  if (source.empty() || source == target) return {};
  Route route = Through(service, source, "en", target);
  for (const auto& [pivot, targets] : service.targets) {
    if (!route.empty()) break;
    route = Through(service, source, pivot, target);
  }
  return route;
}

Targets AllTargets(const std::vector<ServedModel>& models) {
  Targets direct;
  for (const ServedModel& model : models) {
    if (!model.source.empty()) {
      direct[model.source].insert(model.target);
      direct[model.target];
    }
    const std::vector<std::string>& languages =
        model.translator->info().languages;
    for (const std::string& source : languages) {
      for (const std::string& target : languages) {
        if (source != target) direct[Lower(source)].insert(Lower(target));
      }
    }
  }
  Targets all = direct;
  for (auto& [source, targets] : all) {
    if (targets.size() + 1 == all.size()) continue;  // there is no more
    for (const std::string& pivot : direct[source]) {
      targets.insert(direct[pivot].begin(), direct[pivot].end());
    }
    targets.erase(source);
  }
  return all;
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
