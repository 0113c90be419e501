// Names of models and what they say.
#include "tools/serve/served_model.h"

#include <algorithm>
#include <utility>

#include "models/files/message.h"
#include "tools/serve/heap.h"

namespace tessera::tools::serve {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsOfName(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

bool IsCode(std::string_view text) {
  return (text.size() == 2 || text.size() == 3) &&
         std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

// Malloc keeps what a model has freed in the arena of the thread that loaded
// it; the next model is loaded by another: 15 to 30 MiB more after some loads.
void EndModel(const Translator* translator) {
  delete translator;
  TrimHeap();
}

}  // namespace

ModelArgument ParseModelArgument(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  if (equals == std::string::npos || equals + 1 == text.size() ||
      name.empty() || name.size() > 64 ||
      !std::ranges::all_of(name, IsOfName)) {
    models::Refuse("--model", "NAME=DIR, the name of letters, digits and -_.",
                   models::QuoteText(text));
  }
  return {name, text.substr(equals + 1)};
}

std::optional<Direction> DirectionOf(std::string_view name) {
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view source = name.substr(0, dash);
  const std::string_view target = name.substr(dash + 1);
  if (!IsCode(source) || !IsCode(target)) return std::nullopt;
  return Direction{std::string(source), std::string(target)};
}

ServedModel MakeServedModel(std::string name, Translator translator) {
  ServedModel model = {.name = std::move(name)};
  const auto direction = DirectionOf(model.name);
  if (direction && translator.info().languages.empty()) {
    model.source = direction->source;
    model.target = direction->target;
  }
  model.translator = std::shared_ptr<const Translator>(
      new Translator(std::move(translator)), EndModel);
  return model;
}

}  // namespace tessera::tools::serve
