// The words of errors: where, what was wanted there, what was found.
#ifndef TESSERA_MODELS_FILES_MESSAGE_H_
#define TESSERA_MODELS_FILES_MESSAGE_H_

#include <tessera/error.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

namespace tessera::models {

// The parts one after another, numbers in decimal, fractions in six
// digits.
template <class... Parts>
std::string Cat(const Parts&... parts) {
  std::string text;
  const auto add = [&text]<class Part>(const Part& part) {
    if constexpr (std::is_floating_point_v<Part>) {
      char number[32];  // 1e+308 has 309 digits otherwise
      std::snprintf(number, sizeof number, "%g", static_cast<double>(part));
      text += number;
    } else if constexpr (std::is_arithmetic_v<Part>) {
      text += std::to_string(part);
    } else {
      text += part;
    }
  };
  (add(parts), ...);
  return text;
}

// Throws Error "WHERE: want WANT, found FOUND".
template <class Where, class Want, class Found>
[[noreturn]] void Refuse(const Where& where, const Want& want,
                         const Found& found) {
  throw Error(Cat(where, ": want ", want, ", found ", found));
}

// A text of any bytes as messages quote it: ASCII, one line, at most 60
// characters; what is not UTF-8 shows as U+FFFD.
std::string QuoteText(std::string_view text);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_FILES_MESSAGE_H_
