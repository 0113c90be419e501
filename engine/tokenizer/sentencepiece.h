// A SentencePiece model: text to pieces and pieces to text.
#ifndef TESSERA_ENGINE_TOKENIZER_SENTENCEPIECE_H_
#define TESSERA_ENGINE_TOKENIZER_SENTENCEPIECE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace tessera::engine {

// libsentencepiece behind checks, with Error for its status codes. Immutable:
// any number of threads may use one; copies share it.
class SentencePiece {
 public:
  // Reads a model file of at most 64 MiB, which need not be trustworthy.
  // Throws Error.
  static SentencePiece Read(const std::filesystem::path& file);
  // Two of them, which are one if the files have the same bytes: where source
  // and target share a vocabulary. Making one takes 8 ms.
  struct Pair;
  static Pair ReadPair(const std::filesystem::path& source,
                       const std::filesystem::path& target);

  // The best segmentation of UTF-8 text, after the model's normalisation. A run
  // of characters that the model does not know is one piece.
  //
  // Cost: linear but for such runs, where libsentencepiece 0.1.97 takes time
  // with the square of the length: 20 ms for 64 KiB of them, 5 s for 1 MiB.
  std::vector<std::string> Encode(std::string_view text) const;

  // The same as ids of the model's own; that of unknown() for such a run.
  std::vector<std::int32_t> EncodeIds(std::string_view text) const;

  // The text of pieces: "▁" opens words, control pieces vanish, a piece that
  // the model does not have stands for itself.
  std::string Decode(const std::vector<std::string>& pieces) const;

  // Pieces have ids from 0 to size() - 1.
  std::int32_t size() const;
  std::string Piece(std::int32_t id) const;
  // That of a piece, unknown() if there is none.
  std::int32_t Id(std::string_view piece) const;
  std::int32_t unknown() const;

 private:
  SentencePiece(const std::string& where, const std::string& model);

  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
};

struct SentencePiece::Pair {
  SentencePiece source, target;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_SENTENCEPIECE_H_
