// Punctuation as OPUS-MT's training data has it.
#ifndef TESSERA_ENGINE_REQUEST_PUNCTUATION_H_
#define TESSERA_ENGINE_REQUEST_PUNCTUATION_H_

#include <string>
#include <string_view>

namespace tessera::engine {

// The text after Moses' normalize-punctuation for a language, as sacremoses
// 0.2 has it: quotation marks and apostrophes of all sorts as ASCII, dashes as
// "-", no space before ":", ";", "?", "!" and "%", one space in place of many,
// none round the text. "de", "es", "fr", "cs" and "cz" write a comma between
// digits that a no-break space parts, all others a full stop; "en" puts commas
// and full stops before a closing quotation mark, "de", "es" and "fr" behind.
// Requires well-formed UTF-8.
//
// Source: Koehn et al., Moses, scripts/tokenizer/normalize-punctuation.perl.
std::string NormalizePunctuation(std::string_view text,
                                 std::string_view language);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_PUNCTUATION_H_
