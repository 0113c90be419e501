// What the JSON parser makes of a text.
#ifndef TESSERA_MODELS_FILES_JSON_DOCUMENT_H_
#define TESSERA_MODELS_FILES_JSON_DOCUMENT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tessera::models {

struct JsonDocument {
  nlohmann::json root;
  std::vector<std::string> keys;  // of the root, in the text's order, each once
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_FILES_JSON_DOCUMENT_H_
