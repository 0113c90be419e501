// Pre-tokenizers, each a function that reads one and gives what it does.
#include "engine/tokenizer/pipeline/pre_tokenizer.h"

#include <unicode/uchar.h>

#include <iterator>
#include <utility>

#include "engine/tokenizer/byte_pairs.h"
#include "engine/tokenizer/pipeline/component.h"
#include "engine/tokenizer/pipeline/pattern.h"

namespace tessera::engine {
namespace {

using Segments = std::vector<Segment>;

// One that cuts each segment by itself.
template <class CutOne>
PreTokenizer Each(CutOne cut_one) {
  return [cut_one = std::move(cut_one)](Segments segments) {
    Segments words;
    for (Segment& segment : segments) {
      Segments own = cut_one(std::move(segment));
      std::move(own.begin(), own.end(), std::back_inserter(words));
    }
    return words;
  };
}

// The characters for which `is` holds, one by one.
template <class Is>
std::vector<Range> FindCharacters(std::string_view text, const Is& is) {
  std::vector<Range> found;
  for (CharacterWalk walk(text); walk.Next();) {
    if (is(static_cast<UChar32>(walk.code()))) found.push_back(walk.range());
  }
  return found;
}

Cut ReadCut(const Node& node) {
  constexpr std::pair<const char*, Cut> kCuts[] = {
      {"Removed", Cut::kRemoved},
      {"Isolated", Cut::kIsolated},
      {"MergedWithPrevious", Cut::kMergedWithPrevious},
      {"MergedWithNext", Cut::kMergedWithNext},
      {"Contiguous", Cut::kContiguous}};
  const std::string name = node.String();
  for (const auto& [known, cut] : kCuts) {
    if (name == known) return cut;
  }
  node.Fail(
      "\"Removed\", \"Isolated\", \"MergedWithPrevious\", \"MergedWithNext\" "
      "or \"Contiguous\"");
}

PreTokenizer ReadSequence(const Node& node) {
  return [parts = ReadParts(node, "pretokenizers", ReadPreTokenizer)](
             Segments segments) {
    for (const PreTokenizer& part : parts) segments = part(std::move(segments));
    return segments;
  };
}

PreTokenizer ReadMetaspace(const Node& node) {
  return Each([space = Metaspace::Read(node)](Segment segment) {
    const Pattern mark = Pattern::Literal(space.mark);
    std::string& text = segment.text;
    text = Replace(text, Pattern::Literal(" ").Find(text), space.mark);
    const bool prepends =
        space.prepend == Metaspace::Prepend::kAlways ||
        (space.prepend == Metaspace::Prepend::kFirst && segment.opens);
    if (prepends && !text.empty() && !text.starts_with(space.mark)) {
      text.insert(0, space.mark);
    }
    if (!space.split) return Segments{segment};
    return CutAt(segment, mark.Find(text), Cut::kMergedWithNext);
  });
}

PreTokenizer ReadPlainByteLevel(const Node& node) {
  return ReadByteLevel(node, node["add_prefix_space"].Boolean());
}

PreTokenizer ReadWhitespaceSplit(const Node&) {
  return Each([](const Segment& segment) {
    return CutAt(segment, FindCharacters(segment.text, u_isUWhiteSpace),
                 Cut::kRemoved);
  });
}

PreTokenizer Splitter(Pattern pattern, Cut cut, bool invert) {
  const auto cut_by = invert ? CutBetween : CutAt;
  return Each(
      [pattern = std::move(pattern), cut, cut_by](const Segment& segment) {
        return cut_by(segment, pattern.Find(segment.text), cut);
      });
}

PreTokenizer ReadWhitespace(const Node& node) {
  return Splitter(Pattern::Regex(node.Where(), R"(\w+|[^\w\s]+)"),
                  Cut::kRemoved, true);
}

PreTokenizer ReadSplit(const Node& node) {
  return Splitter(Pattern::Read(node["pattern"]), ReadCut(node["behavior"]),
                  node["invert"].Boolean());
}

bool IsNumber(UChar32 code) { return U_GET_GC_MASK(code) & U_GC_N_MASK; }

PreTokenizer ReadDigits(const Node& node) {
  const Cut cut =
      node["individual_digits"].Boolean() ? Cut::kIsolated : Cut::kContiguous;
  return Each([cut](const Segment& segment) {
    return CutAt(segment, FindCharacters(segment.text, IsNumber), cut);
  });
}

// ASCII's marks, symbols among them, and Unicode's punctuation.
bool IsPunctuation(UChar32 code) {
  if (code < 0x80) return code > ' ' && code < 0x7F && !u_isalnum(code);
  return U_GET_GC_MASK(code) & U_GC_P_MASK;
}

PreTokenizer ReadPunctuation(const Node& node) {
  const Node behavior = node["behavior"];
  const Cut cut = behavior.IsNull() ? Cut::kIsolated : ReadCut(behavior);
  return Each([cut](const Segment& segment) {
    return CutAt(segment, FindCharacters(segment.text, IsPunctuation), cut);
  });
}

constexpr Component<PreTokenizer> kKnown[] = {
    {"Sequence", ReadSequence},
    {"Metaspace", ReadMetaspace},
    {"ByteLevel", ReadPlainByteLevel},
    {"WhitespaceSplit", ReadWhitespaceSplit},
    {"Whitespace", ReadWhitespace},
    {"Split", ReadSplit},
    {"Digits", ReadDigits},
    {"Punctuation", ReadPunctuation},
};

}  // namespace

PreTokenizer ReadByteLevel(const Node& node, bool add_prefix_space) {
  const bool splits = node["use_regex"].BooleanOr(true);
  return Each([add_prefix_space, splits](Segment segment) {
    if (add_prefix_space && !segment.text.empty() && segment.text[0] != ' ') {
      segment.text = std::string(" ").append(segment.text);
    }
    const std::string_view text = segment.text;
    Segments words;
    for (const std::string_view word :
         splits ? SplitWords(text) : std::vector<std::string_view>{text}) {
      words.push_back(
          {CharactersOf(word), segment.opens && word.data() == text.data()});
    }
    return words;
  });
}

Metaspace Metaspace::Read(const Node& node) {
  Metaspace space = {.mark = node["replacement"].String()};
  CharacterWalk walk(space.mark);
  if (!walk.Next() || walk.range().end != space.mark.size()) {
    node["replacement"].Fail("one character");
  }
  // The older form says add_prefix_space.
  const Node scheme = node["prepend_scheme"];
  const bool adds = node["add_prefix_space"].BooleanOr(true);
  const std::string name = scheme.StringOr(adds ? "always" : "never");
  if (name != "always" && name != "first" && name != "never") {
    scheme.Fail("\"always\", \"first\" or \"never\"");
  }
  if (!adds && name != "never") {
    node["add_prefix_space"].Fail("what \"prepend_scheme\" says");
  }
  space.prepend = name == "always"  ? Prepend::kAlways
                  : name == "first" ? Prepend::kFirst
                                    : Prepend::kNever;
  space.split = node["split"].BooleanOr(true);
  return space;
}

PreTokenizer ReadPreTokenizer(const Node& node) {
  if (node.IsNull()) return [](Segments segments) { return segments; };
  return ReadComponent<PreTokenizer>(node, kKnown);
}

}  // namespace tessera::engine
