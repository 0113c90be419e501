// tokenizer.json of byte-level BPE that contradicts itself, and any value in
// any place of either file.
#include "tests/engine/tokenizer/contradictions.h"

namespace tessera::engine {
namespace {

TEST_F(ContradictionsTest, ByteLevelFilesThatCannotBe) {
  ExpectEachRefused(
      kPairs,
      {
          {"/model/vocab", "{}", {"model.vocab: want pieces with ids"}},
          {"/model/vocab", R"([["a", 0]])", {"model.vocab: want an object"}},
          {"/model/vocab/b", "1", {"model.vocab.b: want an id of one piece"}},
          {"/model/vocab/b", "-2", {"model.vocab.b", "found -2"}},
          {"/model/vocab/b", "4000000000", {"model.vocab.b: want an integer"}},
          {"/model/vocab/b", R"("2")", {"model.vocab.b: want an integer"}},
          {"/model/merges",
           R"(["a c"])",
           {"model.merges[0]: want two pieces of \"vocab\""}},
          {"/model/merges", R"(["b a"])", {"model.merges[0]", "a third"}},
          {"/model/merges",
           R"(["a b", "ab"])",
           {"model.merges[1]: want two pieces"}},
          {"/model/merges",
           R"(["a b c"])",
           {"model.merges[0]: want two pieces"}},
          {"/model/merges", R"([["a", "b", "c"]])", {"model.merges[0]"}},
          {"/model/merges",
           R"([["a", 1]])",
           {"model.merges[0][1]: want a string"}},
          {"/model/merges", "{}", {"model.merges: want a list"}},
          {"/model/merges", "", {"model.merges: want a list"}},
          {"/model/unk_token",
           R"("<unk>")",
           {"model.unk_token: want a piece of \"vocab\", found \"<unk>\""}},
          {"/model/dropout", "0.1", {"model.dropout: want null or 0"}},
          {"/model/continuing_subword_prefix",
           R"("####")",
           {"model.merges[0]: want a right piece with prefix"}},
          {"/model/fuse_unk", "3", {"model.fuse_unk: want true or false"}},
          {"/pre_tokenizer/use_regex", "0", {"pre_tokenizer.use_regex"}},
          {"/post_processor/sep",
           R"(["</s>"])",
           {"post_processor.sep: want [token, id]"}},
          {"/post_processor/cls",
           R"(["<s>", 77])",
           {"post_processor: want tokens that have ids"}},
      });
}

// The places of all values in a document, outer ones too.
void ListPlaces(const json& value, const json::json_pointer& place,
                std::vector<json::json_pointer>& places) {
  places.push_back(place);
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      ListPlaces(inner, place / key, places);
    }
  }
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
    ListPlaces(value[i], place / i, places);
  }
}

TEST_F(ContradictionsTest, AnyValueAnywhereIsReadOrRefused) {
  const json odd[] = {nullptr,
                      true,
                      -1,
                      2'000'000,
                      1e308,
                      "",
                      "a",
                      "\xE2\x96\x81",
                      json::array(),
                      json::object(),
                      {"a", "b"},
                      {{"type", "Sequence"}},
                      {{"type", "ByteLevel"}, {"add_prefix_space", true}},
                      {{"id", "A"}, {"type", "Fuse"}}};
  const json config = {{"tokenizer_class", "BartTokenizer"}};
  std::size_t refused = 0, read = 0;
  for (const json& sound : {kUnigram, kPairs}) {
    std::vector<json::json_pointer> places;
    ListPlaces(sound, json::json_pointer(), places);
    for (const json::json_pointer& place : places) {
      for (const json& value : odd) {
        json document = sound;
        document[place] = value;
        try {
          Load(document, config);
          ++read;
        } catch (const Error& error) {
          EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(refused, 500u);
  EXPECT_GT(read, 100u);
}

}  // namespace
}  // namespace tessera::engine
