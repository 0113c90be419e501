// White space and line ends.
#include "tools/tessera/line_text.h"

#include <algorithm>
#include <cstddef>

#include "engine/tokenizer/text.h"

namespace tessera::tools {

OuterSpace SpaceRound(std::string_view text) {
  if (engine::ValidUtf8Prefix(text) < text.size()) return {};
  const std::string_view core = engine::StripSpace(text);
  if (core.empty()) return {.before = text, .after = {}};
  const auto before = static_cast<std::size_t>(core.data() - text.data());
  return {.before = text.substr(0, before),
          .after = text.substr(before + core.size())};
}

std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::replace(line.begin(), line.end(), '\r', ' ');
  return line;
}

std::string WithSpaceOf(const std::string& source, std::string_view text) {
  const OuterSpace space = SpaceRound(source);
  if (space.before.size() == source.size()) return source;
  std::string with(space.before);
  return with.append(engine::StripSpace(text)).append(space.after);
}

std::string LineText(const std::string& source, std::string_view text) {
  return OneLine(WithSpaceOf(source, text));
}

}  // namespace tessera::tools
