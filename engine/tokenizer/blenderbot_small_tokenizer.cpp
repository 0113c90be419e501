// BlenderbotSmallTokenizer: Hugging Face's, step by step.
#include "engine/tokenizer/blenderbot_small_tokenizer.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "engine/tokenizer/config_tokens.h"
#include "engine/tokenizer/pipeline/segment.h"
#include "engine/tokenizer/text.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

constexpr std::string_view kWordEnd = "</w>";
constexpr std::string_view kJoin = "@@";

// What stands between white space (Unicode's property), with a line end that
// follows.
std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  Range word = {0, 0};
  const auto add = [&] {
    if (word.begin == word.end) return;
    const std::size_t end =
        word.end + (text.substr(word.end).starts_with('\n') ? 1 : 0);
    words.push_back(text.substr(word.begin, end - word.begin));
  };
  for (CharacterWalk walk(text); walk.Next();) {
    if (u_isUWhiteSpace(static_cast<UChar32>(walk.code()))) {
      add();
      word = {walk.range().end, walk.range().end};
    } else {
      word.end = walk.range().end;
    }
  }
  add();
  return words;
}

// A word with spaces where it is cut: of white space it holds at most a line
// end, its last character.
std::string CutMarks(std::string_view word) {
  std::string cut;
  const auto add_space = [&] {
    if (cut.empty() || cut.back() != ' ') cut += ' ';
  };
  for (const char c : word) {
    if (c == '\n' && !cut.empty() && cut.back() == ' ') break;  // as there
    if (c == '\n') return cut + " __newln__";
    if (std::string_view(".,!?()'").find(c) != std::string_view::npos) {
      add_space();
    }
    cut += c;
    if (c == '\'') cut += ' ';
  }
  return cut;
}

}  // namespace

std::unique_ptr<Tokenizer> BlenderbotSmallTokenizer::Read(
    const models::ModelFolder& folder) {
  return std::unique_ptr<BlenderbotSmallTokenizer>(
      new BlenderbotSmallTokenizer(folder));
}

BlenderbotSmallTokenizer::BlenderbotSmallTokenizer(
    const models::ModelFolder& folder)
    : vocabulary_(Vocabulary::Read(folder.File("vocab.json"))) {
  std::set<std::string, std::less<>> controls;
  const auto role = [&](const char* key, const char* standard) {
    const std::string name = ReadRole(folder, key).value_or(standard);
    controls.insert(name);
    return *control_.insert(vocabulary_.Id(name)).first;
  };
  role("bos_token", "__start__");
  role("pad_token", "__null__");
  end_ = role("eos_token", "__end__");
  unknown_ = role("unk_token", "__unk__");
  constexpr const char* kConfig = "tokenizer_config.json";
  constexpr const char* kCleanUp = "clean_up_tokenization_spaces";
  clean_up_spaces_ = folder.Has(kConfig) &&
                     folder.Json(kConfig).IsSet(kCleanUp) &&
                     folder.Json(kConfig).Boolean(kCleanUp);
  added_.Read(folder,
              AddedTokens::Base::Of(vocabulary_, [&](const std::string& name) {
                return controls.contains(name);
              }));
  ReadMerges(folder.File("merges.txt"), [&](std::string_view left,
                                            std::string_view right) {
    const auto first = Intern(left), second = Intern(right);
    merges_.Add(first, second, Intern(std::string(left).append(right)));
  });
}

PairMerges::Symbol BlenderbotSmallTokenizer::Intern(std::string_view symbol) {
  const auto [place, is_new] = numbers_.try_emplace(
      std::string(symbol), static_cast<PairMerges::Symbol>(symbols_.size()));
  if (is_new) symbols_.emplace_back(symbol);
  return place->second;
}

// The pieces of a word in lower case.
std::vector<std::string> BlenderbotSmallTokenizer::Merge(
    std::string_view word) const {
  std::vector<PairMerges::Symbol> symbols;
  std::vector<std::string> others;  // characters of no merge
  for (CharacterWalk walk(word); walk.Next();) {
    std::string symbol(walk.bytes());
    if (walk.range().end == word.size()) symbol += kWordEnd;
    const auto found = numbers_.find(symbol);
    if (found != numbers_.end()) {
      symbols.push_back(found->second);
      continue;
    }
    symbols.push_back(
        static_cast<PairMerges::Symbol>(symbols_.size() + others.size()));
    others.push_back(std::move(symbol));
  }
  if (symbols.size() == 1) return {std::string(word)};
  merges_.Apply(symbols);
  std::vector<std::string> pieces;
  for (const PairMerges::Symbol symbol : symbols) {
    pieces.push_back(symbol < symbols_.size()
                         ? symbols_[symbol]
                         : others[symbol - symbols_.size()]);
    pieces.back() += kJoin;
  }
  pieces.back().resize(pieces.back().size() - kWordEnd.size() - kJoin.size());
  return pieces;
}

std::int32_t BlenderbotSmallTokenizer::Id(std::string_view piece) const {
  if (const auto added = added_.TextId(piece)) return *added;
  const std::int32_t id = vocabulary_.Find(LowerCase(piece)).value_or(unknown_);
  return control_.contains(id) ? unknown_ : id;
}

void BlenderbotSmallTokenizer::AddIds(std::string_view text,
                                      std::vector<std::int32_t>& ids) const {
  for (const std::string_view word : Words(text)) {
    const std::string cut = CutMarks(word);
    for (std::size_t begin = 0, end = 0; begin < cut.size(); begin = end + 1) {
      end = std::min(cut.find(' ', begin), cut.size());
      if (begin == end) continue;
      const std::string_view part(cut.data() + begin, end - begin);
      for (const std::string& piece : Merge(LowerCase(part))) {
        ids.push_back(Id(piece));
      }
    }
  }
}

EncodedText BlenderbotSmallTokenizer::Encode(std::string_view text) const {
  CheckText(text);
  EncodedText encoded = {.ids = {}, .closing = 0};
  for (const AddedTokens::Part& part : added_.Cut(text)) {
    if (part.id) {
      encoded.ids.push_back(*part.id);
    } else {
      AddIds(part.text, encoded.ids);
    }
  }
  encoded.empty = encoded.ids.empty();
  return encoded;
}

std::string BlenderbotSmallTokenizer::DecodeWith(
    std::span<const std::int32_t> ids,
    std::span<const std::string> words) const {
  const auto is_control = [&](std::int32_t id) {
    return !IsWord(id, words) &&
           (control_.contains(id) || !vocabulary_.Piece(id));
  };
  std::string text = added_.Decode(ids, is_control, [&](auto run) {
    std::string joined;
    for (const std::int32_t id : run) {
      joined.append(joined.empty() ? "" : " ")
          .append(IsWord(id, words) ? std::string_view(WordOf(id, words))
                                    : *vocabulary_.Piece(id));
    }
    ReplaceAll(joined, std::string(kJoin) + " ", "");
    return std::string(StripSpace(joined));
  });
  if (clean_up_spaces_) CleanUpSpaces(text);
  return text;
}

std::string BlenderbotSmallTokenizer::Piece(std::int32_t id) const {
  if (const AddedToken* token = added_.Find(id)) return token->content;
  return std::string(vocabulary_.Piece(id).value_or("__unk__"));
}

}  // namespace tessera::engine
