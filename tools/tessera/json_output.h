// A translation as a line of JSON.
#ifndef TESSERA_TOOLS_TESSERA_JSON_OUTPUT_H_
#define TESSERA_TOOLS_TESSERA_JSON_OUTPUT_H_

#include <tessera/translation.h>

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tools/tessera/common_options.h"
#include "tools/tessera/text_source.h"

namespace tessera::tools {

// {"source": ..., "translations": [{"text", "pieces", "ids", "score",
// "log_probs"}, ...]}, without a line break; "file" or "id" stands in front
// where the text has one. A failed translation has an empty list and "error",
// one of a text that was cut "truncated_tokens", one whose tokenizer lacks
// words of it "unknown", [{"text", "begin", "end"}, ...], in bytes. Bytes that
// are not UTF-8 come out as U+FFFD. Of a text of several sentences there is
// also "sentences", a list of objects of the same form. With alignments each
// output has "alignment", a list of [source token, output token], or, soft,
// "attention", a list of weights an output token, and each source
// "source_pieces".
std::string ToJson(const SourceText& source, const Translation& translation,
                   ShownAlignments alignments);

// Adds to an object the "alignment" or "attention" of an output, as above.
void AddAlignment(const Hypothesis& hypothesis, ShownAlignments alignments,
                  nlohmann::ordered_json& object);

// JSON in which only line feeds end lines: the others of Unicode, which JSON
// lets stand raw in strings and many programs split lines at, are spelled.
std::string EscapeLineEnds(const std::string& json);

// On one line, line ends escaped, bytes that are not UTF-8 as U+FFFD.
std::string JsonLine(const nlohmann::ordered_json& json);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_JSON_OUTPUT_H_
