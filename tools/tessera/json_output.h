// A translation as a line of JSON.
#ifndef TESSERA_TOOLS_TESSERA_JSON_OUTPUT_H_
#define TESSERA_TOOLS_TESSERA_JSON_OUTPUT_H_

#include <tessera/translation.h>

#include <string>

#include "tools/tessera/text_source.h"

namespace tessera::tools {

// {"source": ..., "translations": [{"text", "pieces", "ids", "score",
// "log_probs"}, ...]}, without a line break; "file" or "id" stands in front
// where the text has one. A failed translation has an empty list and "error",
// one of a text that was cut "truncated_tokens". Bytes that are not UTF-8 come
// out as U+FFFD.
std::string ToJson(const SourceText& source, const Translation& translation);

// JSON in which only line feeds end lines: the others of Unicode, which JSON
// lets stand raw in strings and many programs split lines at, are spelled.
std::string EscapeLineEnds(const std::string& json);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_JSON_OUTPUT_H_
