// Every call of a tokenizer's, and every tensor of a checkpoint.
#include "tests/fuzz/readers.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/weights/checkpoint.h"
#include "tests/fuzz/memory_folder.h"

namespace tessera::fuzz {
namespace {

void ExpectIds(std::span<const std::int32_t> ids, std::size_t size) {
  for (const std::int32_t id : ids) {
    Expect(id >= 0 && static_cast<std::size_t>(id) < size,
           "ids are of the vocabulary");
  }
}

void ExpectIdOrNone(std::optional<std::int32_t> id, std::size_t size) {
  if (id) ExpectIds({&*id, 1}, size);
}

void UseIds(const engine::Tokenizer& tokenizer,
            std::span<const std::int32_t> ids) {
  ExpectUtf8(tokenizer.Decode(ids), "a decoded text");
  std::vector<std::int32_t> with_word(ids.begin(), ids.end());
  with_word.insert(with_word.begin() + with_word.size() / 2, -1);
  const std::string words[] = {"w\u00F6rd"};
  ExpectUtf8(tokenizer.DecodeWith(with_word, words), "a decoded text");
  for (const std::int32_t id : ids) {
    ExpectUtf8(tokenizer.Piece(id), "a piece");
    ExpectUtf8(tokenizer.SourcePiece(id), "a piece");
  }
}

}  // namespace

void UseTokenizer(const engine::Tokenizer& tokenizer,
                  const engine::Languages& languages, std::string_view text) {
  ExpectIdOrNone(tokenizer.source_unknown(), tokenizer.source_size());
  ExpectIdOrNone(tokenizer.target_unknown(), tokenizer.target_size());
  ExpectIdOrNone(tokenizer.target_end(), tokenizer.target_size());
  MayRefuse(
      [&] { ExpectIds(tokenizer.Encode(text).ids, tokenizer.source_size()); });
  MayRefuse([&] {
    engine::EncodedText source = tokenizer.EncodeFor(languages, text);
    ExpectIds(source.ids, tokenizer.source_size());
    Expect(source.ids == tokenizer.EncodeFor(languages, text).ids,
           "a text has its ids");
    UseIds(tokenizer, source.ids);
    const auto target = tokenizer.EncodeTarget(languages, text);
    ExpectIds(target, tokenizer.target_size());
    UseIds(tokenizer, target);
    ExpectIds(tokenizer.EncodeWords(languages, text), tokenizer.target_size());
    tokenizer.CountIds(text);
    const std::size_t before = source.ids.size();
    const std::size_t gone = tokenizer.truncation().Cut(source, 4);
    Expect(source.ids.size() + gone == before, "tokens stay or are counted");
  });
}

void ReadWeights(const models::ModelFolder& folder) {
  MayRefuse([&] {
    const auto checkpoint = models::Checkpoint::Open(folder);
    std::string before;
    for (const std::string& name : checkpoint.Names()) {
      const std::vector<std::size_t> shape = checkpoint.Find(name)->shape;
      MayRefuse([&] { checkpoint.Read(name, shape); });
      MayRefuse([&] { checkpoint.SameBytes(before, name); });
      before = name;
    }
    Expect(checkpoint.Unused().size() <= checkpoint.Names().size(),
           "unused tensors are some of all");
  });
}

}  // namespace tessera::fuzz
