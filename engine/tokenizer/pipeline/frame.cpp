// Frames, each a function that reads one.
#include "engine/tokenizer/pipeline/frame.h"

#include "engine/tokenizer/pipeline/component.h"
#include "engine/tokenizer/pipeline/piece_model.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;

std::int32_t ReadId(const Node& node) {
  return static_cast<std::int32_t>(node.Integer({0, PieceTable::kMaxSize - 1}));
}

// Later ones stand outside of earlier ones.
Frame ReadSequence(const Node& node) {
  Frame frame;
  for (const Frame& part : ReadParts(node, "processors", Frame::Read)) {
    frame.before.insert(frame.before.begin(), part.before.begin(),
                        part.before.end());
    frame.behind.insert(frame.behind.end(), part.behind.begin(),
                        part.behind.end());
  }
  return frame;
}

Frame ReadTemplate(const Node& node) {
  const Node single = node["single"], known = node["special_tokens"];
  // The older form is a string: "$A </s>".
  if (!single.IsList()) single.Fail("a list of what stands round a text");
  Frame frame;
  bool text = false;
  for (std::size_t i = 0; i < single.size(); ++i) {
    const Node item = single[i];
    const Node sequence = item["Sequence"], token = item["SpecialToken"];
    if (!sequence.IsNull()) {
      if (text || sequence["id"].String() != "A") item.Fail("one text, \"A\"");
      text = true;
      continue;
    }
    const Node entry = known[token["id"].String()];
    const Node ids = entry["ids"];
    Ids& side = text ? frame.behind : frame.before;
    for (std::size_t j = 0; j < ids.size(); ++j) {
      side.push_back(ReadId(ids[j]));
    }
  }
  if (!text) single.Fail("one text, \"A\"");
  return frame;
}

std::int32_t ReadTokenId(const Node& node) {
  if (!node.IsList() || node.size() != 2) node.Fail("[token, id]");
  return ReadId(node[std::size_t{1}]);
}

Frame ReadTwoTokens(const Node& node) {
  return {.before = {ReadTokenId(node["cls"])},
          .behind = {ReadTokenId(node["sep"])}};
}

Frame ReadNothing(const Node&) { return {}; }

constexpr Component<Frame> kKnown[] = {
    {"Sequence", ReadSequence},           {"TemplateProcessing", ReadTemplate},
    {"RobertaProcessing", ReadTwoTokens}, {"BertProcessing", ReadTwoTokens},
    {"ByteLevel", ReadNothing},
};

}  // namespace

Frame Frame::Read(const Node& node) {
  if (node.IsNull()) return {};
  return ReadComponent<Frame>(node, kKnown);
}

}  // namespace tessera::engine
