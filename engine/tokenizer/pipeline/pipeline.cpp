// Pipeline: the components put together.
#include "engine/tokenizer/pipeline/pipeline.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/tokenizer/byte_pairs.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

// The places of the file's parts in messages.
constexpr std::string_view kFile = "tokenizer.json";

constexpr std::size_t kMostTokenBytes = 1024;

PreTokenizer ReadWordCutter(const Node& node, bool add_prefix_space) {
  if (!node.IsNull() && node["type"].StringOr("") == "ByteLevel") {
    return ReadByteLevel(node, add_prefix_space);
  }
  return ReadPreTokenizer(node);
}

AddedToken ReadAddedToken(const Node& node) {
  return {.content = node["content"].String(),
          .id = static_cast<std::int32_t>(
              node["id"].Integer({0, PieceTable::kMaxSize - 1})),
          .lstrip = node["lstrip"].BooleanOr(false),
          .rstrip = node["rstrip"].BooleanOr(false),
          .single_word = node["single_word"].BooleanOr(false),
          .normalized = node["normalized"].BooleanOr(true),
          .special = node["special"].BooleanOr(false)};
}

}  // namespace

Pipeline::Pipeline(const nlohmann::json& file, const PipelineOptions& options) {
  const Node root(kFile, file);
  const Node model = root["model"], normalizer = root["normalizer"],
             pre_tokenizer = root["pre_tokenizer"], decoder = root["decoder"],
             frame = root["post_processor"], added = root["added_tokens"];
  // What is not known is told before what takes time.
  normalizer_ = ReadNormalizer(normalizer);
  pre_tokenizer_ = ReadWordCutter(pre_tokenizer, options.add_prefix_space);
  decoder_ = ReadDecoder(decoder);
  spells_bytes_ = decoder_({CharactersOf("a b")}) ==
                  std::vector<std::string>{std::string("a b")};
  frame_ = Frame::Read(frame);
  model_ = ReadPieceModel(model);
  size_ = model_->table().size();
  AddAll(added, options);
  for (const auto* ids : {&frame_.before, &frame_.behind}) {
    for (const std::int32_t id : *ids) {
      if (Token(id).empty()) frame.Fail("tokens that have ids");
    }
  }
}

void Pipeline::Add(const Node& where, AddedToken token) {
  if (token.content.empty() || token.content.size() > kMostTokenBytes) {
    where.Fail("a token of 1 to 1024 bytes");
  }
  const auto own = Find(token.content);
  if (own.value_or(token.id) != token.id) {
    where.Fail(models::Cat("the id ", *own, ", which the token has already"));
  }
  if (!own && !Token(token.id).empty()) {
    where.Fail("an id that no other token has");
  }
  size_ = std::max(size_, static_cast<std::size_t>(token.id) + 1);
  added_ids_[token.content] = token.id;
  added_[token.id] = std::move(token);
}

void Pipeline::AddAll(const Node& list, const PipelineOptions& options) {
  for (std::size_t i = 0; !list.IsNull() && i < list.size(); ++i) {
    Add(list[i], ReadAddedToken(list[i]));
  }
  for (AddedToken token : options.added) {
    const auto listed = added_.find(token.id);
    token.special |= listed != added_.end() && listed->second.special;
    Add(list, token);
  }
  for (const std::string& name : options.special) {
    const auto id = model_->table().Find(name);
    if (!id || added_.contains(*id)) continue;
    added_[*id] = {.content = name, .id = *id, .special = true};
  }
  std::vector<AddedToken> raw, normal;
  for (auto& [id, token] : added_) {
    token.in_texts = !options.is_control || !options.is_control(token);
    AddedToken found = token;
    if (token.normalized) {
      Segment content = {.text = token.content, .opens = true};
      normalizer_(content);
      found.content = std::move(content.text);
    }
    (token.normalized ? normal : raw).push_back(std::move(found));
  }
  raw_ = TokenCutter(std::move(raw));
  normal_ = TokenCutter(std::move(normal));
}

void Pipeline::EncodeNormal(const Segment& segment,
                            std::vector<std::int32_t>& ids) const {
  const std::string_view text = segment.text;
  for (const TokenCutter::Part& part : normal_.Split(text)) {
    if (part.token != nullptr) {
      ids.push_back(part.token->id);
      continue;
    }
    const bool opens = segment.opens && part.text.data() == text.data();
    for (const Segment& word :
         pre_tokenizer_({{std::string(part.text), opens}})) {
      model_->Encode(word.text, ids);
    }
  }
}

void Pipeline::Encode(std::string_view text,
                      std::vector<std::int32_t>& ids) const {
  for (const TokenCutter::Part& part : raw_.Split(text)) {
    if (part.token != nullptr) {
      ids.push_back(part.token->id);
      continue;
    }
    Segment segment = {.text = std::string(part.text),
                       .opens = part.text.data() == text.data()};
    normalizer_(segment);
    EncodeNormal(segment, ids);
  }
}

std::string Pipeline::Decode(std::span<const std::int32_t> ids,
                             std::span<const std::string> words) const {
  std::vector<std::string> pieces;
  for (const std::int32_t id : ids) {
    const auto word = static_cast<std::size_t>(-1 - id);
    if (id < 0 && word < words.size()) {
      pieces.push_back(spells_bytes_ ? CharactersOf(words[word]) : words[word]);
      continue;
    }
    const auto added = added_.find(id);
    if (added != added_.end() && added->second.special) continue;
    const std::string_view token = Token(id);
    if (!token.empty()) pieces.emplace_back(token);
  }
  std::string text;
  for (const std::string& stretch : decoder_(std::move(pieces))) {
    text += stretch;
  }
  return text;
}

std::optional<std::int32_t> Pipeline::Find(std::string_view token) const {
  if (const auto id = model_->table().Find(token)) return id;
  const auto added = added_ids_.find(token);
  if (added == added_ids_.end()) return std::nullopt;
  return added->second;
}

std::string_view Pipeline::Token(std::int32_t id) const {
  const auto added = added_.find(id);
  if (added != added_.end()) return added->second.content;
  return model_->table().Piece(id);
}

}  // namespace tessera::engine
