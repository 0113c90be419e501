// Decoders, each a function that reads one and gives what it does.
#include "engine/tokenizer/pipeline/decoder.h"

#include <optional>
#include <utility>

#include "engine/tokenizer/byte_pairs.h"
#include "engine/tokenizer/pipeline/component.h"
#include "engine/tokenizer/pipeline/pattern.h"
#include "engine/tokenizer/pipeline/pre_tokenizer.h"
#include "engine/tokenizer/pipeline/segment.h"
#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

using Strings = std::vector<std::string>;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string Join(const Strings& strings) {
  std::string joined;
  for (const std::string& each : strings) joined += each;
  return joined;
}

Decoder ReadSequence(const Node& node) {
  return [parts = ReadParts(node, "decoders", ReadDecoder)](Strings pieces) {
    for (const Decoder& part : parts) pieces = part(std::move(pieces));
    return pieces;
  };
}

// The marks of the first piece go, but for one that is never put there.
Decoder ReadMetaspace(const Node& node) {
  return [space = Metaspace::Read(node)](Strings pieces) {
    const Pattern mark = Pattern::Literal(space.mark);
    const bool keeps = space.prepend == Metaspace::Prepend::kNever;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      pieces[i] =
          Replace(pieces[i], mark.Find(pieces[i]), i > 0 || keeps ? " " : "");
    }
    return pieces;
  };
}

// Bytes of a piece; of one with a character that stands for none its own.
std::string BytesOfPiece(const std::string& piece) {
  std::string bytes;
  for (CharacterWalk walk(piece); walk.Next();) {
    const std::optional<char> byte = ByteOf(walk.bytes());
    if (!byte) return piece;
    bytes += *byte;
  }
  return bytes;
}

Decoder ReadByteLevel(const Node&) {
  return [](const Strings& pieces) {
    std::string bytes;
    for (const std::string& piece : pieces) bytes += BytesOfPiece(piece);
    return Strings{ReplaceInvalid(bytes, kReplacement)};
  };
}

Decoder ReadReplace(const Node& node) {
  return [pattern = Pattern::Read(node["pattern"]),
          content = node["content"].ShortString()](Strings pieces) {
    for (std::string& piece : pieces) {
      piece = Replace(piece, pattern.Find(piece), content);
    }
    return pieces;
  };
}

Decoder ReadFuse(const Node&) {
  return [](const Strings& pieces) { return Strings{Join(pieces)}; };
}

// Up to `start` of a character in front, up to `stop` behind.
Decoder ReadStrip(const Node& node) {
  const std::string content = node["content"].String();
  CharacterWalk walk(content);
  if (!walk.Next() || walk.range().end != content.size()) {
    node["content"].Fail("one character");
  }
  const std::int64_t start = node["start"].Integer({0, 1'000'000});
  const std::int64_t stop = node["stop"].Integer({0, 1'000'000});
  return [content, start, stop](Strings pieces) {
    for (std::string& piece : pieces) {
      for (std::int64_t i = 0; i < start && piece.starts_with(content); ++i) {
        piece.erase(0, content.size());
      }
      for (std::int64_t i = 0; i < stop && piece.ends_with(content); ++i) {
        piece.resize(piece.size() - content.size());
      }
    }
    return pieces;
  };
}

// The byte that "<0x0A>" stands for.
std::optional<char> ReadBytePiece(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') {
    return std::nullopt;
  }
  int value = 0;
  for (const char c : piece.substr(3, 2)) {
    const int digit = '0' <= c && c <= '9'   ? c - '0'
                      : 'A' <= c && c <= 'F' ? c - 'A' + 10
                      : 'a' <= c && c <= 'f' ? c - 'a' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value * 16 + digit;
  }
  return static_cast<char>(value);
}

// A run of bytes as text; each as U+FFFD where the run is not UTF-8.
Decoder ReadByteFallback(const Node&) {
  return [](const Strings& pieces) {
    Strings texts;
    std::string run;
    const auto flush = [&] {
      if (ValidUtf8Prefix(run) == run.size()) {
        if (!run.empty()) texts.push_back(run);
      } else {
        texts.insert(texts.end(), run.size(), std::string(kReplacement));
      }
      run.clear();
    };
    for (const std::string& piece : pieces) {
      if (const auto byte = ReadBytePiece(piece)) {
        run += *byte;
        continue;
      }
      flush();
      texts.push_back(piece);
    }
    flush();
    return texts;
  };
}

// Ends of words become spaces, that of the last nothing.
Decoder ReadBpe(const Node& node) {
  return [suffix = Pattern::Literal(node["suffix"].String())](Strings pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      pieces[i] = Replace(pieces[i], suffix.Find(pieces[i]),
                          i + 1 < pieces.size() ? " " : "");
    }
    return pieces;
  };
}

Strings PutSpaces(Strings pieces) {
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    pieces[i] = std::string(" ").append(pieces[i]);
  }
  return pieces;
}

constexpr Component<Decoder> kKnown[] = {
    {"Sequence", ReadSequence},
    {"Metaspace", ReadMetaspace},
    {"ByteLevel", ReadByteLevel},
    {"Replace", ReadReplace},
    {"Fuse", ReadFuse},
    {"Strip", ReadStrip},
    {"ByteFallback", ReadByteFallback},
    {"BPEDecoder", ReadBpe},
};

}  // namespace

Decoder ReadDecoder(const Node& node) {
  if (node.IsNull()) return PutSpaces;
  return ReadComponent<Decoder>(node, kKnown);
}

}  // namespace tessera::engine
