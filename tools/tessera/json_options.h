// Options of a text as JSON has them.
#ifndef TESSERA_TOOLS_TESSERA_JSON_OPTIONS_H_
#define TESSERA_TOOLS_TESSERA_JSON_OPTIONS_H_

#include <tessera/options.h>

#include <nlohmann/json.hpp>

namespace tessera::tools {

// Sets what an object names, whatever was set before; of max_length and
// max_new_tokens, min_length and min_new_tokens the other one is set no more.
// Names and units are those of TranslateOptions, but source_lang, target_lang,
// and time_limit in seconds; a token sequence is a list of ids, a sequence_bias
// [[[ids], bias], ...], length_decay [start, factor]; enumerations are named as
// in --help. Ranges are left to the translator. Throws Error, naming the
// option, for one that there is not, or a value of another type.
void SetOptions(const nlohmann::ordered_json& object,
                TranslateOptions& options);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_JSON_OPTIONS_H_
