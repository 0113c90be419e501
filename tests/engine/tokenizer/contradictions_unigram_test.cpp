// tokenizer.json of Unigram models that contradicts itself or asks for what is
// not there.
#include "tests/engine/tokenizer/contradictions.h"

namespace tessera::engine {
namespace {

TEST_F(ContradictionsTest, UnigramFilesThatCannotBe) {
  ExpectEachRefused(
      kUnigram,
      {
          {"/model/type",
           R"("WordPiece")",
           {"tokenizer.json: model.type: want one of Unigram, BPE",
            R"(found "WordPiece")"}},
          {"/model/type", R"("WordLevel")", {"model.type", "WordLevel"}},
          {"/model/type", "7", {"model.type: want a string, found 7"}},
          {"/model", "null", {"model: want an object"}},
          {"/model", "", {"model: want an object, found nothing"}},
          {"/model/unk_id",
           "null",
           {"model.unk_id: want an integer in [0, 4]"}},
          {"/model/unk_id", "5", {"model.unk_id", "[0, 4], found 5"}},
          {"/model/unk_id", "-1", {"model.unk_id", "found -1"}},
          {"/model/unk_id", "0.5", {"model.unk_id", "found 0.5"}},
          {"/model/vocab", "[]", {"model.vocab: want 1 to 1000000 pieces"}},
          {"/model/vocab", R"({"a": 1})", {"model.vocab: want a list"}},
          {"/model/vocab/3",
           R"(["a"])",
           {"model.vocab[3]: want [piece, score]"}},
          {"/model/vocab/3",
           R"(["a", "b"])",
           {"model.vocab[3][1]: want a number"}},
          {"/model/vocab/3/0", "3", {"model.vocab[3][0]: want a string"}},
          {"/model/byte_fallback", "1", {"model.byte_fallback: want true or"}},
          {"/normalizer/type",
           R"("BertNormalizer")",
           {"normalizer.type: want one of Sequence, Precompiled, Replace",
            "BertNormalizer"}},
          {"/normalizer",
           R"({"type": "Precompiled"})",
           {"normalizer.precompiled_charsmap: want a string"}},
          {"/normalizer",
           R"({"type": "Precompiled", "precompiled_charsmap": "?"})",
           {"precompiled_charsmap: want base64"}},
          {"/normalizer",
           R"({"type": "Precompiled", "precompiled_charsmap": "AAAA"})",
           {"precompiled_charsmap: want a normalisation table"}},
          {"/normalizer",
           R"({"type": "Sequence", "normalizers": [{"type": "Odd"}]})",
           {"normalizer.normalizers[0].type", "Odd"}},
          {"/normalizer",
           R"({"type": "Sequence"})",
           {"normalizer.normalizers: want a list"}},
          {"/normalizer/pattern",
           R"-({"Regex": "("})-",
           {"pattern.Regex: want a regular expression"}},
          {"/normalizer/pattern",
           R"({"Regex": "\\R"})",
           {"pattern.Regex: want an expression of known escapes", "\\R"}},
          {"/normalizer/pattern", R"({"Regex": "(a)\\1"})", {"known escapes"}},
          {"/normalizer/pattern",
           R"-({"Regex": "(?<name>a)"})-",
           {"known groups"}},
          {"/normalizer/pattern",
           R"({"Regex": "[[:alpha:]]"})",
           {"known groups"}},
          {"/normalizer/pattern",
           R"({"Regex": "a", "String": "a"})",
           {"normalizer.pattern: want \"String\" or \"Regex\""}},
          {"/normalizer/pattern", "{}", {"normalizer.pattern: want"}},
          {"/normalizer/content", "", {"normalizer.content: want a string"}},
          {"/pre_tokenizer/type",
           R"("BertPreTokenizer")",
           {"pre_tokenizer.type: want one of Sequence, Metaspace"}},
          {"/pre_tokenizer/type", R"("UnicodeScripts")", {"UnicodeScripts"}},
          {"/pre_tokenizer/replacement",
           R"("ab")",
           {"pre_tokenizer.replacement: want one character"}},
          {"/pre_tokenizer/replacement", R"("")", {"want one character"}},
          {"/pre_tokenizer/prepend_scheme",
           R"("last")",
           {"pre_tokenizer.prepend_scheme", "\"never\""}},
          {"/pre_tokenizer/add_prefix_space",
           "false",
           {"add_prefix_space: want what \"prepend_scheme\" says"}},
          {"/pre_tokenizer",
           R"({"type": "Split", "pattern": {"String": "a"}, "invert": false,
               "behavior": "Doubled"})",
           {"pre_tokenizer.behavior", "Doubled"}},
          {"/pre_tokenizer",
           R"({"type": "Split", "pattern": {"String": "a"},
               "behavior": "Removed"})",
           {"pre_tokenizer.invert: want true or false"}},
          {"/pre_tokenizer", R"({"type": "Digits"})", {"individual_digits"}},
          {"/decoder/type",
           R"("CTC")",
           {"decoder.type: want one of Sequence, Metaspace"}},
          {"/decoder/type", R"("WordPiece")", {"decoder.type"}},
          {"/decoder",
           R"({"type": "Strip", "content": "ab", "start": 1, "stop": 0})",
           {"decoder.content: want one character"}},
          {"/decoder",
           R"({"type": "Strip", "content": "a", "start": -1, "stop": 0})",
           {"decoder.start", "found -1"}},
          {"/post_processor/type",
           R"("Odd")",
           {"post_processor.type: want one of Sequence, TemplateProcessing"}},
          {"/post_processor/single",
           R"("$A </s>")",
           {"post_processor.single: want a list"}},
          {"/post_processor/single/0/Sequence/id",
           R"("B")",
           {"post_processor.single[0]: want one text, \"A\""}},
          {"/post_processor/single/1",
           R"({"Sequence": {"id": "A"}})",
           {"post_processor.single[1]: want one text"}},
          {"/post_processor/single/1/SpecialToken/id",
           R"("<y>")",
           {"special_tokens.<y>: want an object, found nothing"}},
          {"/post_processor/special_tokens/<~1s>/ids/0",
           "99",
           {"post_processor: want tokens that have ids"}},
          {"/post_processor/special_tokens/<~1s>/ids/0",
           "-1",
           {"ids[0]: want an integer"}},
          {"/added_tokens/1/id",
           "3",
           {"added_tokens[1]: want an id that no other token has"}},
          {"/added_tokens/0/id",
           "4",
           {"added_tokens[0]: want the id 0, which the token has already"}},
          {"/added_tokens/1/id", "1000000", {"added_tokens[1].id"}},
          {"/added_tokens/1/content",
           R"("")",
           {"added_tokens[1]: want a token of 1 to 1024 bytes"}},
          {"/added_tokens/1/content",
           "null",
           {"added_tokens[1].content: want a string"}},
          {"/added_tokens/1/lstrip",
           R"("yes")",
           {"added_tokens[1].lstrip: want true or false"}},
          {"/added_tokens", "{}", {"added_tokens: want a list"}},
      });
}

TEST_F(ContradictionsTest, TextsDoNotGrowWithoutBounds) {
  const std::string longest(1024, 'a');
  json document = kUnigram;
  const json grow = {{"type", "Replace"},
                     {"pattern", {{"String", "a"}}},
                     {"content", longest}};
  const auto sequence = [&](std::size_t count) {
    return json{{"type", "Sequence"},
                {"normalizers", std::vector<json>(count, grow)}};
  };
  const json config = {{"tokenizer_class", "T5Tokenizer"}};
  document["normalizer"] = sequence(1);
  EXPECT_NO_THROW(Load(document, config));
  document["normalizer"] = sequence(4);
  ExpectRefused(document, config, {"stays below", "when it is normalised"},
                "growth");
  document["normalizer"] = sequence(101);
  ExpectRefused(document, config, {"normalizers: want at most 100 components"},
                "101 components");
  document["normalizer"] = grow;
  document["normalizer"]["content"] = longest + "a";
  ExpectRefused(document, config, {"normalizer.content", "at most 1024 bytes"},
                "1,025 bytes");
  json deep = sequence(1);
  for (int i = 0; i < 20; ++i) {
    deep = {{"type", "Sequence"}, {"normalizers", {deep}}};
  }
  document["normalizer"] = deep;
  ExpectRefused(document, config, {"tokenizer.json"}, "depth");
}

}  // namespace
}  // namespace tessera::engine
