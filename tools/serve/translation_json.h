// Translations in the answers of the native endpoints.
#ifndef TESSERA_TOOLS_SERVE_TRANSLATION_JSON_H_
#define TESSERA_TOOLS_SERVE_TRANSLATION_JSON_H_

#include <tessera/translation.h>

#include <cstddef>
#include <nlohmann/json_fwd.hpp>

namespace tessera::tools::serve {

// What an answer has beside texts and scores.
struct ReturnedParts {
  bool tokens = false;
  bool alignments = false;  // pairs of a source and an output token
  bool attention = false;   // the weights that they come of

  // Whether the engine has to look for what tokens look at.
  bool aligned() const { return alignments || attention; }
};

// What became of one text of a request.
nlohmann::ordered_json ToJson(const Translation& translation, std::size_t index,
                              const ReturnedParts& returned);

// Forgets weights that will not be told: of a text of 512 tokens a megabyte for
// each output.
void ForgetAttention(Translation& translation);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_TRANSLATION_JSON_H_
