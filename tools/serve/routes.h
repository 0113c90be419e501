// Which model translates from a language into another.
#ifndef TESSERA_TOOLS_SERVE_ROUTES_H_
#define TESSERA_TOOLS_SERVE_ROUTES_H_

#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/served_model.h"
#include "tools/serve/service.h"

namespace tessera::tools::serve {

// Codes are in lower case.
struct Hop {
  const ServedModel* model = nullptr;
  std::string source = {};
  // TranslateOptions' languages, empty for a model of two.
  std::string source_option = {};
  std::string target_option = {};
};

// One hop, or two where no model translates directly: through English if that
// is a way, else through the first language that is. None: there is no way.
using Route = std::vector<Hop>;

// The one from `source` into `target`. An empty source stands for any, of
// models that have but one: then the route is only there if all of them agree
// on it, and direct.
Route FindRoute(const Service& service, std::string_view source,
                std::string_view target);

// For each language that is a source or a target: what it is translated into,
// in one hop or two.
Targets AllTargets(const std::vector<ServedModel>& models);

// The source that all models share; empty if they do not.
std::string CommonSource(const Service& service);

// "French" of "fr"; the code itself if it has no name.
std::string LanguageName(const std::string& code);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_ROUTES_H_
