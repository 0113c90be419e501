// The languages of a multilingual model, by code.
#ifndef TESSERA_ENGINE_TOKENIZER_LANGUAGES_H_
#define TESSERA_ENGINE_TOKENIZER_LANGUAGES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {

// From which language to which, by the model's own codes; empty: the folder's
// default.
struct Languages {
  std::string source = {};
  std::string target = {};
};

// Codes with the ids of their tokens.
class LanguageTable {
 public:
  void Add(std::string code, std::int32_t id) { ids_[std::move(code)] = id; }
  bool empty() const { return ids_.empty(); }

  // Throws TextError for a code that is not there, with the codes near it.
  // `side` is "source" or "target".
  std::int32_t Id(std::string_view side, const std::string& code) const;

  std::vector<std::string> Codes() const;  // sorted

 private:
  std::map<std::string, std::int32_t, std::less<>> ids_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_LANGUAGES_H_
