// In place of language_detector.cpp in a program without CLD2.
#include "tools/serve/language_detector.h"

namespace tessera::tools::serve {

bool CanDetectLanguages() { return false; }

std::vector<DetectedLanguage> DetectLanguages(std::string_view) { return {}; }

}  // namespace tessera::tools::serve
