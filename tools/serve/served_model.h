// The models of a server, by name and by languages.
#ifndef TESSERA_TOOLS_SERVE_SERVED_MODEL_H_
#define TESSERA_TOOLS_SERVE_SERVED_MODEL_H_

#include <tessera/translator.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::tools::serve {

struct ServedModel {
  std::string name;
  // What it translates from and into, in lower case; empty if not known, or if
  // the model itself knows languages (ModelInfo::languages).
  std::string source = {};
  std::string target = {};
  std::shared_ptr<const Translator> translator = {};
};

// NAME=DIR of the command line. The name may have letters, digits and "-_.";
// one of two language codes, "en-fr", says what the model translates. Throws
// Error.
struct ModelArgument {
  std::string name;
  std::filesystem::path folder;
};
ModelArgument ParseModelArgument(const std::string& text);

// Source and target of a name like "en-fr", each two or three letters; nullopt
// for another.
struct Direction {
  std::string source;
  std::string target;
};
std::optional<Direction> DirectionOf(std::string_view name);

// For each language, by code, others.
using Targets = std::map<std::string, std::set<std::string>>;

ServedModel MakeServedModel(std::string name, Translator translator);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_SERVED_MODEL_H_
