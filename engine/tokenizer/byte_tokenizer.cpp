// ByteTokenizer: three control tokens, 256 bytes, sentinels.
#include "engine/tokenizer/byte_tokenizer.h"

#include <algorithm>
#include <iterator>

#include "engine/tokenizer/text.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

constexpr std::int32_t kEnd = 1;
constexpr std::int32_t kUnknown = 2;
constexpr std::int32_t kFirstByte = 3;
constexpr std::int32_t kFirstExtra = kFirstByte + 256;

constexpr std::string_view kControls[] = {"<pad>", "</s>", "<unk>"};

}  // namespace

std::unique_ptr<Tokenizer> ByteTokenizer::Read(
    const models::ModelFolder& folder) {
  constexpr const char* kConfig = "tokenizer_config.json";
  std::int64_t count = 125;
  // Saved folders say 0 and list the sentinels instead.
  if (folder.Has(kConfig) && !folder.Json(kConfig).Equals("extra_ids", 0)) {
    count = folder.Json(kConfig).IntegerOr("extra_ids", count, {1, 100'000});
  }
  return std::unique_ptr<ByteTokenizer>(
      new ByteTokenizer(folder, static_cast<std::int32_t>(count)));
}

ByteTokenizer::ByteTokenizer(const models::ModelFolder& folder,
                             std::int32_t extra_ids) {
  for (std::int32_t i = 0; i < extra_ids; ++i) {
    added_.Add(
        kFirstExtra + i,
        {.content = "<extra_id_" + std::to_string(i) + ">", .special = true});
  }
  const auto find = [&](std::string_view name) -> std::optional<std::int32_t> {
    const auto found = std::ranges::find(kControls, name);
    if (found == std::end(kControls)) return std::nullopt;
    return static_cast<std::int32_t>(found - kControls);
  };
  added_.Read(folder,
              {.entries = static_cast<std::size_t>(kFirstExtra + extra_ids),
               .find = find,
               .is_control = [&](const AddedToken& token) {
                 return find(token.content).has_value();
               }});
}

EncodedText ByteTokenizer::Encode(std::string_view text) const {
  CheckText(text);
  EncodedText encoded;
  for (const AddedTokens::Part& part : added_.Cut(text)) {
    if (part.id) {
      encoded.ids.push_back(*part.id);
      continue;
    }
    for (const char byte : part.text) {
      encoded.ids.push_back(kFirstByte + static_cast<unsigned char>(byte));
    }
  }
  encoded.empty = encoded.ids.empty();
  encoded.ids.push_back(kEnd);
  return encoded;
}

std::string ByteTokenizer::DecodeWith(
    std::span<const std::int32_t> ids,
    std::span<const std::string> words) const {
  const auto is_control = [&](std::int32_t id) {
    return !IsWord(id, words) && (id < kFirstByte || id >= kFirstExtra);
  };
  return added_.Decode(ids, is_control, [&](auto run) {
    std::string bytes;
    for (const std::int32_t id : run) {
      if (IsWord(id, words)) {
        bytes += WordOf(id, words);
      } else {
        bytes += static_cast<char>(id - kFirstByte);
      }
    }
    return ReplaceInvalid(bytes, "");
  });
}

std::string ByteTokenizer::Piece(std::int32_t id) const {
  if (const AddedToken* token = added_.Find(id)) return token->content;
  if (id < 0 || id >= kFirstExtra) return "<unk>";
  if (id < kFirstByte) return std::string(kControls[id]);
  // A byte beyond ASCII is shown as the character of its number, as there.
  const auto byte = static_cast<unsigned char>(id - kFirstByte);
  if (byte < 0x80) return std::string(1, static_cast<char>(byte));
  return {static_cast<char>(0xC0 | byte >> 6),
          static_cast<char>(0x80 | (byte & 0x3F))};
}

std::optional<std::int32_t> ByteTokenizer::source_unknown() const {
  return kUnknown;
}

std::optional<std::int32_t> ByteTokenizer::target_end() const { return kEnd; }

}  // namespace tessera::engine
