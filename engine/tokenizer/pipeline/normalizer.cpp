// Normalizers, each a function that reads one and gives what it does.
#include "engine/tokenizer/pipeline/normalizer.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <memory>
#include <utility>

#include "engine/tokenizer/pipeline/charsmap.h"
#include "engine/tokenizer/pipeline/component.h"
#include "engine/tokenizer/pipeline/pattern.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

void AppendCode(UChar32 code, std::string& text) {
  char bytes[U8_MAX_LENGTH];
  std::int32_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, code);
  text.append(bytes, static_cast<std::size_t>(size));
}

// Each character by `map`, which gives it, another one or -1: none. What stands
// where others went does not open the text.
template <class Map>
void MapCharacters(Segment& segment, const Map& map) {
  std::string text;
  for (CharacterWalk walk(segment.text); walk.Next();) {
    const auto code = static_cast<UChar32>(walk.code());
    const UChar32 mapped = map(code);
    if (mapped == code) {
      text += walk.bytes();
    } else if (mapped >= 0) {
      AppendCode(mapped, text);
    } else if (walk.range().begin == 0) {
      segment.opens = false;
    }
  }
  segment.text = std::move(text);
}

Normalizer ReadSequence(const Node& node) {
  return [parts = ReadParts(node, "normalizers", ReadNormalizer)](
             Segment& segment) {
    for (const Normalizer& part : parts) part(segment);
  };
}

Normalizer ReadPrecompiled(const Node& node) {
  const Node table = node["precompiled_charsmap"];
  const auto map =
      std::make_shared<const Charsmap>(table.Where(), table.String());
  return [map](Segment& segment) { segment.text = map->Apply(segment.text); };
}

Normalizer ReadReplace(const Node& node) {
  return [pattern = Pattern::Read(node["pattern"]),
          content = node["content"].ShortString()](Segment& segment) {
    const auto found = pattern.Find(segment.text);
    if (!found.empty()) segment.text = Replace(segment.text, found, content);
  };
}

Normalizer ReadPrepend(const Node& node) {
  return [prefix = node["prepend"].ShortString()](Segment& segment) {
    if (!segment.text.empty()) segment.text.insert(0, prefix);
  };
}

Normalizer ReadStrip(const Node& node) {
  const bool left = node["strip_left"].Boolean();
  const bool right = node["strip_right"].Boolean();
  return [left, right](Segment& segment) {
    Range kept = {segment.text.size(), segment.text.size()};
    bool found = false;
    for (CharacterWalk walk(segment.text); walk.Next();) {
      if (u_isUWhiteSpace(static_cast<UChar32>(walk.code()))) continue;
      if (!std::exchange(found, true)) kept.begin = walk.range().begin;
      kept.end = walk.range().end;
    }
    if (!right) kept.end = segment.text.size();
    if (!left) kept.begin = 0;
    if (!found) kept.end = kept.begin = 0;
    segment.opens = segment.opens && kept.begin == 0;
    segment.text = segment.text.substr(kept.begin, kept.end - kept.begin);
  };
}

Normalizer ReadStripAccents(const Node&) {
  return [](Segment& segment) {
    MapCharacters(segment, [](UChar32 code) {
      return U_GET_GC_MASK(code) & U_GC_M_MASK ? -1 : code;
    });
  };
}

// Character by character: the end of a word is not looked at. One character
// alone becomes two.
Normalizer ReadLowercase(const Node&) {
  constexpr UChar32 kDottedI = 0x130;
  return [](Segment& segment) {
    std::string text;
    for (CharacterWalk walk(segment.text); walk.Next();) {
      const auto code = static_cast<UChar32>(walk.code());
      AppendCode(u_tolower(code), text);
      if (code == kDottedI) AppendCode(0x307, text);
    }
    segment.text = std::move(text);
  };
}

using GetForm = const icu::Normalizer2*(UErrorCode&);

// One of Unicode's normal forms.
template <GetForm* kForm>
Normalizer ReadForm(const Node& node) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const form = kForm(status);
  if (U_FAILURE(status)) {
    models::Refuse(node.Where(), "ICU's data of normal forms",
                   u_errorName(status));
  }
  return [form](Segment& segment) {
    const auto unicode = icu::UnicodeString::fromUTF8(segment.text);
    UErrorCode own = U_ZERO_ERROR;
    std::string text;
    form->normalize(unicode, own).toUTF8String(text);
    if (U_SUCCESS(own)) segment.text = std::move(text);
  };
}

// As SentencePiece's nmt rules begin: controls go, odd spaces become spaces.
UChar32 Nmt(UChar32 code) {
  const auto in = [&](UChar32 first, UChar32 last) {
    return first <= code && code <= last;
  };
  if (in(0x1, 0x8) || code == 0xB || in(0xE, 0x1F) || code == 0x7F ||
      code == 0x8F || code == 0x9F) {
    return -1;
  }
  const bool space = code == 0x9 || code == 0xA || code == 0xC || code == 0xD ||
                     code == 0x1680 || in(0x200B, 0x200F) || code == 0x2028 ||
                     code == 0x2029 || code == 0x2581 || code == 0xFEFF ||
                     code == 0xFFFD;
  return space ? ' ' : code;
}

Normalizer ReadNmt(const Node&) {
  return [](Segment& segment) { MapCharacters(segment, Nmt); };
}

constexpr Component<Normalizer> kKnown[] = {
    {"Sequence", ReadSequence},
    {"Precompiled", ReadPrecompiled},
    {"Replace", ReadReplace},
    {"Prepend", ReadPrepend},
    {"Strip", ReadStrip},
    {"StripAccents", ReadStripAccents},
    {"Lowercase", ReadLowercase},
    {"NFC", ReadForm<icu::Normalizer2::getNFCInstance>},
    {"NFD", ReadForm<icu::Normalizer2::getNFDInstance>},
    {"NFKC", ReadForm<icu::Normalizer2::getNFKCInstance>},
    {"NFKD", ReadForm<icu::Normalizer2::getNFKDInstance>},
    {"Nmt", ReadNmt},
};

}  // namespace

Normalizer ReadNormalizer(const Node& node) {
  if (node.IsNull()) return [](Segment&) {};
  return ReadComponent<Normalizer>(node, kKnown);
}

}  // namespace tessera::engine
