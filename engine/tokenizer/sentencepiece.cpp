// SentencePiece on libsentencepiece.
#include "engine/tokenizer/sentencepiece.h"

#include <sentencepiece_processor.h>
#include <tessera/error.h>

#include <cstdint>
#include <exception>
#include <utility>

#include "engine/tokenizer/spm_model.h"
#include "models/files/file.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

using sentencepiece::SentencePieceProcessor;

// The largest published models (250,000 pieces) have 5 MB.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{64} << 20;

void Require(const sentencepiece::util::Status& status,
             const std::string& where) {
  if (status.ok()) return;
  models::Refuse(where, "a SentencePiece model",
                 models::Cat("one that libsentencepiece refuses: ",
                             models::QuoteText(status.error_message())));
}

}  // namespace

SentencePiece SentencePiece::Read(const std::filesystem::path& file) {
  return {file.filename().string(), models::ReadWholeFile(file, kMaxFileBytes)};
}

SentencePiece::Pair SentencePiece::ReadPair(
    const std::filesystem::path& source, const std::filesystem::path& target) {
  const std::string model = models::ReadWholeFile(source, kMaxFileBytes);
  const SentencePiece first(source.filename().string(), model);
  const std::string other = models::ReadWholeFile(target, kMaxFileBytes);
  if (other == model) return {first, first};
  return {first, {target.filename().string(), other}};
}

SentencePiece::SentencePiece(const std::string& where,
                             const std::string& model) {
  const std::string rebuilt = RebuildSentencePieceModel(where, model);
  auto processor = std::make_shared<SentencePieceProcessor>();
  try {
    Require(processor->LoadFromSerializedProto(rebuilt), where);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {  // of the library's own trie
    models::Refuse(where, "a SentencePiece model",
                   models::QuoteText(error.what()));
  }
  processor_ = std::move(processor);
}

std::vector<std::string> SentencePiece::Encode(std::string_view text) const {
  std::vector<std::string> pieces;
  Require(processor_->Encode(text, &pieces), "text");
  return pieces;
}

std::vector<std::int32_t> SentencePiece::EncodeIds(
    std::string_view text) const {
  std::vector<std::int32_t> ids;
  Require(processor_->Encode(text, &ids), "text");
  return ids;
}

std::int32_t SentencePiece::size() const { return processor_->GetPieceSize(); }

std::string SentencePiece::Piece(std::int32_t id) const {
  return processor_->IdToPiece(id);
}

std::int32_t SentencePiece::Id(std::string_view piece) const {
  return processor_->PieceToId(piece);
}

std::int32_t SentencePiece::unknown() const { return processor_->unk_id(); }

std::string SentencePiece::Decode(
    const std::vector<std::string>& pieces) const {
  std::string text;
  Require(processor_->Decode(pieces, &text), "pieces");
  return text;
}

}  // namespace tessera::engine
