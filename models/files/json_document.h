// What the JSON parser makes of a text.
#ifndef TESSERA_MODELS_FILES_JSON_DOCUMENT_H_
#define TESSERA_MODELS_FILES_JSON_DOCUMENT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tessera::models {

// Removes all that a value holds, from the inside out, without allocating.
// Requires: it is not nested deeper than the stack has room for.
void Clear(nlohmann::json& value) noexcept;

// The destructor of nlohmann::json allocates, and ends the process where memory
// is short; that of a document does not.
struct JsonDocument {
  JsonDocument() = default;
  JsonDocument(JsonDocument&&) = default;
  ~JsonDocument() { Clear(root); }

  nlohmann::json root;
  std::vector<std::string> keys;  // of the root, in the text's order, each once
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_FILES_JSON_DOCUMENT_H_
