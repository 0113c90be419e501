// BytePairTokenizer: control tokens round the tokens of BytePairs.
#include "engine/tokenizer/byte_pair_tokenizer.h"

#include <algorithm>

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
  const std::set<std::string, std::less<>> controls = {"<s>", "<pad>", "</s>",
                                                       "<unk>", "<mask>"};
  added_.Read(folder,
              AddedTokens::Base::Of(vocabulary_, [&](const std::string& name) {
                return controls.contains(name);
              }));
  size_ = std::max(size_, added_.size());
}

EncodedText BytePairTokenizer::Encode(std::string_view text) const {
  CheckText(text);
  const std::string_view bare = StripSpace(text);
  const bool begins_with_space = bare.empty() || bare.data() != text.data();
  const std::string spaced = add_space_ && !text.empty() && !begins_with_space
                                 ? std::string(" ").append(text)
                                 : std::string(text);
  EncodedText encoded;
  for (const AddedTokens::Part& part : added_.Cut(spaced)) {
    if (part.id) {
      encoded.ids.push_back(*part.id);
      continue;
    }
    for (const std::string& token : pairs_.Encode(part.text)) {
      const auto added = added_.TextId(token);
      encoded.ids.push_back(added ? *added
                                  : vocabulary_.Find(token).value_or(unknown_));
    }
  }
  encoded.empty = encoded.ids.empty();
  if (opens_) {
    encoded.opening = 1;
    encoded.ids.insert(encoded.ids.begin(), vocabulary_.Id("<s>"));
  }
  encoded.ids.push_back(end_);
  return encoded;
}

std::string BytePairTokenizer::DecodeWith(
    std::span<const std::int32_t> ids,
    std::span<const std::string> words) const {
  const auto is_control = [&](std::int32_t id) {
    return !IsWord(id, words) &&
           (control_.contains(id) || !vocabulary_.Piece(id));
  };
  return added_.Decode(ids, is_control, [&](auto run) {
    std::string bytes;
    for (const std::int32_t id : run) {
      bytes += IsWord(id, words) ? WordOf(id, words)
                                 : BytesOf(*vocabulary_.Piece(id));
    }
    return ReplaceInvalid(bytes, "\xEF\xBF\xBD");  // U+FFFD
  });
}

std::string BytePairTokenizer::Piece(std::int32_t id) const {
  if (const AddedToken* token = added_.Find(id)) return token->content;
  return std::string(vocabulary_.Piece(id).value_or("<unk>"));
}

}  // namespace tessera::engine
