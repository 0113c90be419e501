// What tests do with the texts that a program takes and gives.
#ifndef TESSERA_TESTS_TOOLS_TEXT_H_
#define TESSERA_TESTS_TOOLS_TEXT_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace tessera {

inline void ExpectContains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

inline std::string Repeated(std::string_view unit, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += unit;
  return text;
}

}  // namespace tessera

#endif  // TESSERA_TESTS_TOOLS_TEXT_H_
