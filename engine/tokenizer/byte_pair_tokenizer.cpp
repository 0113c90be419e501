// BytePairTokenizer: control tokens round the tokens of BytePairs.
#include "engine/tokenizer/byte_pair_tokenizer.h"

#include "engine/tokenizer/text.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

constexpr std::string_view kMask = "<mask>";

bool ReadAddSpace(const models::ModelFolder& folder) {
  constexpr const char* kConfig = "tokenizer_config.json";
  return folder.Has(kConfig) &&
         folder.Json(kConfig).BooleanOr("add_prefix_space", false);
}

// A mask is for training: published models may lack the embedding of one that
// stands last (bart-large-cnn).
std::size_t SizeWithoutMask(const Vocabulary& vocabulary) {
  const auto mask = vocabulary.Find(kMask);
  const std::size_t size = vocabulary.size();
  return mask && static_cast<std::size_t>(*mask) + 1 == size ? size - 1 : size;
}

}  // namespace

std::unique_ptr<Tokenizer> BytePairTokenizer::ReadBart(
    const models::ModelFolder& folder) {
  return std::unique_ptr<BytePairTokenizer>(
      new BytePairTokenizer(folder, true));
}

std::unique_ptr<Tokenizer> BytePairTokenizer::ReadBlenderbot(
    const models::ModelFolder& folder) {
  return std::unique_ptr<BytePairTokenizer>(
      new BytePairTokenizer(folder, false));
}

BytePairTokenizer::BytePairTokenizer(const models::ModelFolder& folder,
                                     bool opens)
    : vocabulary_(Vocabulary::Read(folder.File("vocab.json"))),
      pairs_(BytePairs::Read(folder.File("merges.txt"))),
      opens_(opens),
      add_space_(ReadAddSpace(folder)),
      end_(vocabulary_.Id("</s>")),
      unknown_(vocabulary_.Id("<unk>")),
      size_(SizeWithoutMask(vocabulary_)) {
  control_ = {vocabulary_.Id("<s>"), vocabulary_.Id("<pad>"), end_, unknown_};
  if (const auto mask = vocabulary_.Find(kMask)) control_.insert(*mask);
}

EncodedText BytePairTokenizer::Encode(std::string_view text) const {
  CheckText(text);
  const std::string_view bare = StripSpace(text);
  const bool begins_with_space = bare.empty() || bare.data() != text.data();
  const std::string spaced = add_space_ && !text.empty() && !begins_with_space
                                 ? std::string(" ").append(text)
                                 : std::string(text);
  EncodedText encoded;
  for (const std::string& token : pairs_.Encode(spaced)) {
    encoded.ids.push_back(vocabulary_.Find(token).value_or(unknown_));
  }
  encoded.empty = encoded.ids.empty();
  if (opens_) {
    encoded.opening = 1;
    encoded.ids.insert(encoded.ids.begin(), vocabulary_.Id("<s>"));
  }
  encoded.ids.push_back(end_);
  return encoded;
}

std::string BytePairTokenizer::Decode(std::span<const std::int32_t> ids) const {
  std::string bytes;
  for (const std::int32_t id : ids) {
    if (control_.contains(id)) continue;
    if (const auto token = vocabulary_.Piece(id)) bytes += BytesOf(*token);
  }
  return ReplaceInvalid(bytes, "\xEF\xBF\xBD");  // U+FFFD
}

std::string BytePairTokenizer::Piece(std::int32_t id) const {
  return std::string(vocabulary_.Piece(id).value_or("<unk>"));
}

}  // namespace tessera::engine
