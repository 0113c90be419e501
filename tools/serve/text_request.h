// Texts along a route, as LibreTranslate's and DeepL's endpoints have them
// translated: from model to model, with their tags.
#ifndef TESSERA_TOOLS_SERVE_TEXT_REQUEST_H_
#define TESSERA_TOOLS_SERVE_TEXT_REQUEST_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/serve/markup/markup.h"
#include "tools/serve/routes.h"
#include "tools/serve/service.h"

namespace tessera::tools::serve {

struct TextRequest {
  std::vector<std::string> texts;
  Route route;  // not empty
  // Of the last model; languages are the route's. Those before it give one
  // output, as their folders say.
  TranslateOptions options = {};
  std::optional<MarkupRules> markup = {};
};

struct TranslatedTexts {
  std::vector<std::string> texts;
  std::vector<Translation> translations;  // the same; none of texts with tags
};

// Throws Error for options that a model of the route refuses, and for texts
// that Markup does.
using RespondTexts = std::function<Response(TranslatedTexts)>;
void TranslateTexts(Service& service, std::shared_ptr<Exchange> exchange,
                    TextRequest request, ErrorForm form, RespondTexts respond);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_TEXT_REQUEST_H_
