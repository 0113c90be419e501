// Reading of lists of tokens, and cutting of texts at them.
#include "engine/tokenizer/added_tokens.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/tokenizer/text.h"
#include "engine/tokenizer/vocabulary.h"
#include "models/files/json.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

using models::JsonObject;

constexpr const char* kConfig = "tokenizer_config.json";
constexpr const char* kDecoder = "added_tokens_decoder";
constexpr const char* kAdditional = "additional_special_tokens";
constexpr models::IntegerRange kIds = {0, Vocabulary::kMaxSize - 1};

// In the order in which they are numbered.
constexpr const char* kNamed[] = {"bos_token", "eos_token", "unk_token",
                                  "sep_token", "pad_token", "cls_token",
                                  "mask_token"};

bool Lists(const models::ModelFolder& folder) {
  return folder.Has(kConfig) && folder.Json(kConfig).IsSet(kDecoder);
}

// {"content": "<ph>", "lstrip": false, ...}
AddedToken ReadToken(const JsonObject& json) {
  AddedToken token = {.content = json.String("content"),
                      .lstrip = json.BooleanOr("lstrip", false),
                      .rstrip = json.BooleanOr("rstrip", false),
                      .single_word = json.BooleanOr("single_word", false),
                      .special = json.BooleanOr("special", false)};
  if (token.content.size() > AddedTokens::kMaxBytes) {
    json.Fail("content", models::Cat("at most ", AddedTokens::kMaxBytes,
                                     " bytes of a token"));
  }
  return token;
}

// The file may write NAME for {"content": NAME}.
AddedToken ReadToken(const JsonObject& file, const std::string& key) {
  const std::string where = file.where() + ": " + key;
  return ReadToken(file.IsString(key)
                       ? JsonObject::Of(where, "content", file.String(key))
                       : file.Object(key, where));
}

std::int32_t ReadId(const JsonObject& list, const std::string& key) {
  std::int32_t id = -1;
  const char* const last = key.data() + key.size();
  const auto [end, error] = std::from_chars(key.data(), last, id);
  if (error != std::errc() || end != last || id < 0 || id > kIds.max) {
    list.Fail(key, "ids as keys");
  }
  return id;
}

void AddSpecial(const JsonObject& file, SpecialTokens& tokens) {
  for (const char* key : kNamed) {
    if (file.IsSet(key)) tokens.named[key] = ReadToken(file, key).content;
  }
  if (!file.IsSet(kAdditional)) return;
  for (const JsonObject& item : file.Items(kAdditional, "content")) {
    AddedToken token = ReadToken(item);
    token.special = true;
    const auto same = [&](const AddedToken& other) {
      return other.content == token.content;
    };
    if (std::ranges::none_of(tokens.additional, same)) {
      tokens.additional.push_back(std::move(token));
    }
  }
}

// Those with ids.
std::vector<std::pair<std::int32_t, AddedToken>> ReadListed(
    const models::ModelFolder& folder) {
  constexpr const char* kFile = "added_tokens.json";
  std::vector<std::pair<std::int32_t, AddedToken>> listed;
  if (Lists(folder)) {
    const JsonObject& config = folder.Json(kConfig);
    const JsonObject list =
        config.Object(kDecoder, config.where() + ": " + kDecoder);
    for (const std::string& key : list.Keys()) {
      const std::int32_t id = ReadId(list, key);  // first: it checks the key
      listed.emplace_back(id, ReadToken(list, key));
    }
  } else if (folder.Has(kFile)) {
    const JsonObject& file = folder.Json(kFile);
    for (const std::string& content : file.KeysInOrder()) {
      AddedToken token = ReadToken(JsonObject::Of(
          models::Cat(file.where(), ": ", models::QuoteText(content)),
          "content", content));
      listed.emplace_back(
          static_cast<std::int32_t>(file.Integer(content, kIds)),
          std::move(token));
    }
  }
  return listed;
}

}  // namespace

SpecialTokens SpecialTokens::Read(const models::ModelFolder& folder) {
  constexpr const char* kMap = "special_tokens_map.json";
  SpecialTokens tokens;
  if (folder.Has(kConfig)) AddSpecial(folder.Json(kConfig), tokens);
  if (!Lists(folder) && folder.Has(kMap)) {
    AddSpecial(folder.Json(kMap), tokens);
  }
  return tokens;
}

std::string SpecialTokens::Name(std::string_view key,
                                std::string_view absent) const {
  const auto found = named.find(key);
  return found == named.end() ? std::string(absent) : found->second;
}

AddedTokens::Base AddedTokens::Base::Of(
    const Vocabulary& vocabulary,
    std::function<bool(const std::string& content)> is_control) {
  return {
      .entries = vocabulary.pieces(),
      .find = [&](std::string_view token) { return vocabulary.Find(token); },
      .is_control =
          [is_control = std::move(is_control)](const AddedToken& token) {
            return is_control(token.content);
          }};
}

void AddedTokens::Read(const models::ModelFolder& folder, const Base& base) {
  const SpecialTokens special = SpecialTokens::Read(folder);
  const auto add = [&](std::int32_t id, AddedToken token) {
    const auto is_this = [&](const AddedToken& other) {
      return other.content == token.content;
    };
    const bool named = std::ranges::count(
        special.named, token.content, [](const auto& n) { return n.second; });
    const bool control = base.is_control(token);
    if (control && base.find(token.content) == id) return;
    const auto before = Id(token.content);
    token.in_texts = !named && !control;
    token.special = !token.in_texts || (before && Find(*before)->special) ||
                    std::ranges::any_of(special.additional, is_this);
    Add(id, std::move(token));
  };
  std::size_t next = base.entries;
  for (auto& [id, token] : ReadListed(folder)) {
    if (!base.find(token.content)) ++next;
    add(id, std::move(token));
  }
  const auto add_unlisted = [&](const AddedToken& token) {
    if (Id(token.content)) return;
    const auto id = base.find(token.content);
    if (!id &&
        (base.entries == 0 || next > static_cast<std::size_t>(kIds.max))) {
      return;
    }
    add(id ? *id : static_cast<std::int32_t>(next++), token);
  };
  for (const char* key : kNamed) {
    const std::string name = special.Name(key, "");
    if (!name.empty()) add_unlisted({.content = name});
  }
  for (const AddedToken& token : special.additional) add_unlisted(token);
}

void AddedTokens::Add(std::int32_t id, AddedToken token) {
  if (token.content.empty()) return;
  if (token.content != "<mask>") {
    size_ = std::max(size_, static_cast<std::size_t>(id) + 1);
  }
  ids_.insert_or_assign(token.content, id);
  const auto place = std::ranges::lower_bound(in_texts_, token.content);
  const bool there = place != in_texts_.end() && *place == token.content;
  if (token.in_texts && !there) in_texts_.insert(place, token.content);
  if (!token.in_texts && there) in_texts_.erase(place);
  by_id_.insert_or_assign(id, std::move(token));
}

const AddedToken* AddedTokens::Find(std::int32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

std::optional<std::int32_t> AddedTokens::Id(std::string_view content) const {
  const auto found = ids_.find(content);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::int32_t> AddedTokens::TextId(std::string_view piece) const {
  if (!std::ranges::binary_search(in_texts_, piece)) return std::nullopt;
  return Id(piece);
}

// The length of the longest token that the text begins with. Sorted contents
// with one beginning stand together: each byte narrows them down.
std::size_t AddedTokens::MatchAt(std::string_view text) const {
  std::size_t longest = 0;
  auto begin = in_texts_.begin(), end = in_texts_.end();
  for (std::size_t at = 0; at < text.size() && begin != end; ++at) {
    const auto byte = [&](const std::string& token) {
      return at < token.size() ? static_cast<unsigned char>(token[at]) : -1;
    };
    // Not equal_range: Clang 14 cannot compile its result with GCC 12's
    // library.
    const int next = static_cast<unsigned char>(text[at]);
    begin = std::ranges::lower_bound(begin, end, next, {}, byte);
    end = std::ranges::upper_bound(begin, end, next, {}, byte);
    if (begin != end && begin->size() == at + 1) longest = at + 1;
  }
  return longest;
}

std::vector<std::string> AddedTokens::Split(std::string_view text) const {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = MatchAt(text.substr(at));
    if (length == 0) {
      ++at;
      continue;
    }
    if (at > begin) parts.emplace_back(text.substr(begin, at - begin));
    parts.emplace_back(text.substr(at, length));
    begin = at += length;
  }
  if (begin < text.size()) parts.emplace_back(text.substr(begin));
  return parts;
}

std::vector<AddedTokens::Part> AddedTokens::Cut(std::string_view text) const {
  if (in_texts_.empty()) return {{std::string(text), std::nullopt}};
  std::vector<std::string> parts = Split(text);
  // Step by step as PreTrainedTokenizer.tokenize: what stands beside a token
  // may be one, too, and joining makes text of both.
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto id = TextId(parts[i]);
    if (!id) continue;
    const AddedToken& token = *Find(*id);
    const std::string left = i > 0 ? parts[i - 1] : "";
    const std::string right = i + 1 < parts.size() ? parts[i + 1] : "";
    if (token.rstrip && !right.empty()) parts[i + 1] = StripSpaceBegin(right);
    if (token.lstrip && !left.empty()) parts[i - 1] = StripSpaceEnd(left);
    if (!token.single_word) continue;
    if (!left.empty() && left.back() != ' ') {
      parts[i - 1] += std::exchange(parts[i], "");
    } else if (!right.empty() && right.front() != ' ') {
      parts[i + 1].insert(0, std::exchange(parts[i], ""));
    }
  }
  std::vector<Part> cut;
  for (std::string& part : parts) {
    if (part.empty()) continue;
    const auto id = TextId(part);
    cut.push_back({std::move(part), id});
  }
  return cut;
}

std::string AddedTokens::Decode(
    std::span<const std::int32_t> ids,
    const std::function<bool(std::int32_t)>& is_control,
    const std::function<std::string(std::span<const std::int32_t>)>& join)
    const {
  std::vector<std::string> texts;
  std::vector<std::int32_t> run;
  for (const std::int32_t id : ids) {
    const AddedToken* const token = Find(id);
    if (token ? token->special : is_control(id)) continue;
    if (token == nullptr) {
      run.push_back(id);
      continue;
    }
    std::string text = join(std::exchange(run, {}));
    if (!text.empty()) texts.push_back(std::move(text));
    texts.push_back(token->content);
  }
  if (!run.empty()) texts.push_back(join(run));
  std::string all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    all.append(i == 0 ? "" : " ") += texts[i];
  }
  return all;
}

}  // namespace tessera::engine
