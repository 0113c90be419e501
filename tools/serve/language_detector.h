// What language a text is in.
#ifndef TESSERA_TOOLS_SERVE_LANGUAGE_DETECTOR_H_
#define TESSERA_TOOLS_SERVE_LANGUAGE_DETECTOR_H_

#include <string>
#include <string_view>
#include <vector>

namespace tessera::tools::serve {

struct DetectedLanguage {
  std::string code;       // of BCP 47, in lower case: "fr", "zh-hant"
  double confidence = 0;  // to 100: its share of the text, half that of a guess
  bool sure = false;      // else a guess, as of most texts of a word
};

// Whether the program was built with CLD2.
bool CanDetectLanguages();

// Three at most, the best first; none of a text without words, or that is no
// UTF-8. Reads 4096 bytes of the text, in 0.3 ms.
std::vector<DetectedLanguage> DetectLanguages(std::string_view text);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_LANGUAGE_DETECTOR_H_
