// The strict JSON parser behind JsonObject.
#ifndef TESSERA_MODELS_FILES_JSON_PARSER_H_
#define TESSERA_MODELS_FILES_JSON_PARSER_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "models/files/json.h"

namespace tessera::models {

// Parses one JSON value under the rules of JsonObject::Parse; throws
// tessera::Error with a message that begins with `where`.
nlohmann::json ParseStrictJson(const std::string& where, std::string_view text,
                               const JsonLimits& limits);

// A value as messages quote it: ASCII, one line, at most 60 characters.
std::string QuoteJson(const nlohmann::json& value);

// The same for any bytes: those that are not UTF-8 show as U+FFFD.
std::string QuoteText(std::string_view text);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_FILES_JSON_PARSER_H_
