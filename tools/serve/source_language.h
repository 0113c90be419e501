// The language that a client has left open.
#ifndef TESSERA_TOOLS_SERVE_SOURCE_LANGUAGE_H_
#define TESSERA_TOOLS_SERVE_SOURCE_LANGUAGE_H_

#include <optional>
#include <string>
#include <vector>

#include "tools/serve/markup/tokens.h"
#include "tools/serve/routes.h"
#include "tools/serve/service.h"

namespace tessera::tools::serve {

struct SourceLanguage {
  std::string code;  // of Service::targets
  double confidence = 0;
  bool sure = false;  // as in DetectedLanguage
};

// What texts may be in, of what the models know, the best first: one answer for
// all of them together, tags aside.
std::vector<SourceLanguage> DetectSources(
    const Service& service, const std::vector<std::string>& texts,
    std::optional<MarkupKind> markup = {});

// The same where nobody can tell: the source that all models share, or English,
// as LibreTranslate has it. An empty code: there are others, and no detector.
SourceLanguage AssumedSource(const Service& service);

struct SourceChoice {
  SourceLanguage source;
  // Empty: the texts stay as they are, for they are in the target language, or
  // have neither letters nor digits.
  Route route = {};
};

// nullopt: there is no way from what the texts may be in.
std::optional<SourceChoice> ChooseSource(
    const Service& service, const std::vector<std::string>& texts,
    const std::vector<SourceLanguage>& detected, const std::string& target);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_SOURCE_LANGUAGE_H_
