// Components of tokenizer.json by their names.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_COMPONENT_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_COMPONENT_H_

#include <span>
#include <string>
#include <vector>

#include "engine/tokenizer/pipeline/node.h"

namespace tessera::engine {

template <class Part>
struct Component {
  const char* type;
  Part (*read)(const Node&);
};

// Reads the component that "type" names; throws Error, with the names of those
// there are, for another.
template <class Part>
Part ReadComponent(const Node& node, std::span<const Component<Part>> known) {
  const std::string type = node["type"].String();
  std::string names;
  for (const Component<Part>& component : known) {
    if (type == component.type) return component.read(node);
    names.append(names.empty() ? "one of " : ", ").append(component.type);
  }
  node["type"].Fail(names);
}

// The components that a "Sequence" lists under `key`.
template <class Part>
std::vector<Part> ReadParts(const Node& node, const char* key,
                            Part (*read)(const Node&)) {
  constexpr std::size_t kMostParts = 100;
  const Node list = node[key];
  if (list.size() > kMostParts) list.Fail("at most 100 components");
  std::vector<Part> parts;
  for (std::size_t i = 0; i < list.size(); ++i) parts.push_back(read(list[i]));
  return parts;
}

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_COMPONENT_H_
