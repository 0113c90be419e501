// ByteTokenizer: three control tokens, 256 bytes, sentinels.
#include "engine/tokenizer/byte_tokenizer.h"

#include <charconv>

#include "engine/tokenizer/text.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

constexpr std::int32_t kEnd = 1;
constexpr std::int32_t kFirstByte = 3;
constexpr std::int32_t kFirstExtra = kFirstByte + 256;
constexpr std::string_view kOpen = "<extra_id_";

// N of an "<extra_id_N>" that opens the text, and its bytes.
struct Sentinel {
  std::size_t number;
  std::size_t bytes;
};
std::optional<Sentinel> FindSentinel(std::string_view text) {
  if (!text.starts_with(kOpen)) return std::nullopt;
  const std::size_t close = text.find('>');
  if (close == std::string_view::npos) return std::nullopt;
  std::size_t number = 0;
  const char* const first = text.data() + kOpen.size();
  const char* const last = text.data() + close;
  const auto [end, error] = std::from_chars(first, last, number);
  const bool leads_zero = *first == '0' && last - first > 1;
  if (error != std::errc() || end != last || leads_zero) return std::nullopt;
  return Sentinel{number, close + 1};
}

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
      new ByteTokenizer(static_cast<std::size_t>(count)));
}

ByteTokenizer::ByteTokenizer(std::size_t extra_ids)
    : size_(static_cast<std::size_t>(kFirstExtra) + extra_ids) {}

EncodedText ByteTokenizer::Encode(std::string_view text) const {
  CheckText(text);
  EncodedText encoded;
  const std::size_t extra_ids = size_ - static_cast<std::size_t>(kFirstExtra);
  while (!text.empty()) {
    const auto sentinel = FindSentinel(text);
    if (sentinel && sentinel->number < extra_ids) {
      encoded.ids.push_back(kFirstExtra +
                            static_cast<std::int32_t>(sentinel->number));
      text.remove_prefix(sentinel->bytes);
      continue;
    }
    encoded.ids.push_back(kFirstByte + static_cast<unsigned char>(text[0]));
    text.remove_prefix(1);
  }
  encoded.empty = encoded.ids.empty();
  encoded.ids.push_back(kEnd);
  return encoded;
}

std::string ByteTokenizer::Decode(std::span<const std::int32_t> ids) const {
  std::string bytes;
  for (const std::int32_t id : ids) {
    if (id < kFirstByte || id >= kFirstExtra) continue;
    bytes += static_cast<char>(id - kFirstByte);
  }
  return ReplaceInvalid(bytes, "");
}

std::string ByteTokenizer::Piece(std::int32_t id) const {
  constexpr std::string_view kControls[] = {"<pad>", "</s>", "<unk>"};
  if (id < 0 || id >= static_cast<std::int32_t>(size_)) return "<unk>";
  if (id < kFirstByte) return std::string(kControls[id]);
  if (id >= kFirstExtra) {
    return std::string(kOpen) + std::to_string(id - kFirstExtra) + ">";
  }
  // A byte beyond ASCII is shown as the character of its number, as there.
  const auto byte = static_cast<unsigned char>(id - kFirstByte);
  if (byte < 0x80) return std::string(1, static_cast<char>(byte));
  return {static_cast<char>(0xC0 | byte >> 6),
          static_cast<char>(0x80 | (byte & 0x3F))};
}

std::optional<std::int32_t> ByteTokenizer::target_end() const { return kEnd; }

}  // namespace tessera::engine
