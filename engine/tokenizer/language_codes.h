// The languages that multilingual models know by class, in the order of ids.
#ifndef TESSERA_ENGINE_TOKENIZER_LANGUAGE_CODES_H_
#define TESSERA_ENGINE_TOKENIZER_LANGUAGE_CODES_H_

#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {

std::vector<std::string> MbartLanguages();    // "en_XX"
std::vector<std::string> Mbart50Languages();  // "en_XX"
std::vector<std::string> NllbLanguages();     // "eng_Latn"
std::vector<std::string> M2m100Languages();   // "en"
std::vector<std::string> Wmt21Languages();    // "en"

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_LANGUAGE_CODES_H_
