// Tokens that a folder has beside its vocabulary: placeholders, new languages.
#ifndef TESSERA_ENGINE_TOKENIZER_ADDED_TOKENS_H_
#define TESSERA_ENGINE_TOKENIZER_ADDED_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/added_token.h"
#include "engine/tokenizer/vocabulary.h"
#include "models/files/model_folder.h"

namespace tessera::engine {

// What a folder says of special tokens: by tokenizer_config.json and, where
// that lists no added tokens, special_tokens_map.json.
struct SpecialTokens {
  static SpecialTokens Read(const models::ModelFolder& folder);

  // That of "eos_token", `absent` if the folder names none.
  std::string Name(std::string_view key, std::string_view absent) const;

  std::map<std::string, std::string, std::less<>> named = {};
  std::vector<AddedToken> additional = {};  // "additional_special_tokens"
};

// Texts and ids as Hugging Face's Python tokenizers (Transformers 4.57) cut
// them, but that control tokens in a text are text; "normalized" changes
// nothing for these. Immutable but for Add.
class AddedTokens {
 public:
  // Longest content, so that cutting a text takes time with its length.
  static constexpr std::size_t kMaxBytes = 256;

  // What the tokenizer has without them.
  struct Base {
    // Entries. Special tokens that nothing numbers come behind these and the
    // added ones; none do if there are 0.
    std::size_t entries = 0;
    std::function<std::optional<std::int32_t>(std::string_view)> find;
    // Whether a token is no id in a text nor a part of an output's; one that
    // `find` has with its id is left to the tokenizer.
    std::function<bool(const AddedToken& token)> is_control;

    // Of a tokenizer that looks its pieces up in a vocabulary, which must
    // outlive it, and whose control tokens `is_control` knows by their content.
    static Base Of(const Vocabulary& vocabulary,
                   std::function<bool(const std::string& content)> is_control);
  };

  // A part of a text: an added token or what stands between them.
  struct Part {
    std::string text;
    std::optional<std::int32_t> id;
  };

  // Adds those of the folder: "added_tokens_decoder" of tokenizer_config.json
  // or else added_tokens.json, and additional special tokens. Throws Error for
  // ids out of range and tokens longer than kMaxBytes.
  void Read(const models::ModelFolder& folder, const Base& base);

  // The last token of an id, and the last id of a content, count.
  void Add(std::int32_t id, AddedToken token);

  const AddedToken* Find(std::int32_t id) const;
  std::optional<std::int32_t> Id(std::string_view content) const;
  const std::map<std::int32_t, AddedToken>& by_id() const { return by_id_; }

  // One more than the largest id but that of "<mask>", which is for training:
  // models may have no embedding of it.
  std::size_t size() const { return size_; }

  // The longest token at the leftmost place, and so on. TextId is the id of a
  // piece that a tokenizer cuts out of the rest: there it may be one after all.
  std::optional<std::int32_t> TextId(std::string_view piece) const;
  std::vector<Part> Cut(std::string_view text) const;

  // The text of ids: `join` makes that of a run without added tokens and
  // without ids that is_control picks; spaces stand round added tokens.
  std::string Decode(
      std::span<const std::int32_t> ids,
      const std::function<bool(std::int32_t)>& is_control,
      const std::function<std::string(std::span<const std::int32_t>)>& join)
      const;

 private:
  std::size_t MatchAt(std::string_view text) const;
  std::vector<std::string> Split(std::string_view text) const;

  std::map<std::int32_t, AddedToken> by_id_;
  std::map<std::string, std::int32_t, std::less<>> ids_;  // by content
  std::vector<std::string> in_texts_;                     // sorted contents
  std::size_t size_ = 0;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_ADDED_TOKENS_H_
