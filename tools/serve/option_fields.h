// Options of translations as fields of JSON.
#ifndef TESSERA_TOOLS_SERVE_OPTION_FIELDS_H_
#define TESSERA_TOOLS_SERVE_OPTION_FIELDS_H_

#include <tessera/options.h>

#include "tools/serve/fields.h"

namespace tessera::tools::serve {

// Takes the fields that have the names of TranslateOptions' members, but for
// the languages. Lists of tokens are lists of ids; early_stopping is false,
// true, "never" or "top_beam"; sequence_bias is [[[ID, ...], BIAS], ...] and
// length_decay [START, FACTOR], as in generation_config.json. Throws FieldError
// for types; ranges are for Translator::Check.
TranslateOptions TakeOptions(Fields& fields);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_OPTION_FIELDS_H_
