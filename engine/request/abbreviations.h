// Full stops that end a word and not a sentence.
#ifndef TESSERA_ENGINE_REQUEST_ABBREVIATIONS_H_
#define TESSERA_ENGINE_REQUEST_ABBREVIATIONS_H_

#include <string_view>

namespace tessera::engine {

// Whether a text ends with an abbreviation after which `next`, the text behind
// it, goes on with the same sentence: a title, "No." before a number, an
// initial, "U.S.", "z. B.". The lists are those of European languages together:
// what is a word in one is seldom one before a capital letter in another.
// Requires well-formed UTF-8 without white space round it.
bool EndsAbbreviated(std::string_view sentence, std::string_view next);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_ABBREVIATIONS_H_
