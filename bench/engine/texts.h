// Texts that benchmarks translate, and what they make of times.
#ifndef TESSERA_BENCH_ENGINE_TEXTS_H_
#define TESSERA_BENCH_ENGINE_TEXTS_H_

#include <tessera/error.h>
#include <tessera/translation.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

namespace tessera {

// The first column of each line.
inline std::vector<std::string> ReadTexts(const std::string& file) {
  std::ifstream lines(file);
  if (!lines) throw Error(file + ": want a file to read, found none");
  std::vector<std::string> texts;
  for (std::string line; std::getline(lines, line);) {
    line.resize(std::min(line.find('\t'), line.size()));
    texts.push_back(std::move(line));
  }
  return texts;
}

// Of the best output, end-of-sentence included.
inline std::size_t CountTokens(const Translation& translation) {
  if (!translation.ok()) throw Error(translation.error);
  return translation.hypotheses.front().ids.size();
}

inline double Median(std::vector<double> times) {
  if (times.empty()) throw Error("times: want some, found none");
  const auto middle =
      times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

}  // namespace tessera

#endif  // TESSERA_BENCH_ENGINE_TEXTS_H_
