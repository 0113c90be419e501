// Tables of lexical translations, the lists made of them, and outputs chosen
// from lists.
#include "engine/shortlist/shortlist.h"

#include <gtest/gtest.h>
#include <tessera/error.h>
#include <tessera/translator.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/shortlist/lexical_table.h"
#include "tests/engine/fake_model.h"
#include "tests/engine/fake_tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;
using Words = std::vector<Ids>;
using Biases = std::vector<SequenceBias>;

constexpr std::size_t kVocabulary = 20;

class LexicalTableTest : public testing::Test {
 protected:
  std::string Write(const std::string& text) const {
    folder_.Write("lex.s2t", text);
    return folder_.path() / "lex.s2t";
  }
  std::vector<LexicalEntry> Read(const std::string& text) {
    return ReadLexicalTable(Write(text), PieceIds(tokenizer_, model_),
                            warnings_);
  }
  std::string ErrorOf(const std::string& text) {
    try {
      Read(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }
  Ids TokensFor(const Ids& source, ShortlistSize size, const Ids& wanted = {}) {
    const Shortlist shortlist(Write(text_), size, tokenizer_, model_,
                              warnings_);
    return shortlist.TokensFor(source, wanted);
  }

  ScratchFolder folder_;
  FakeTokenizer tokenizer_{kVocabulary};
  models::ModelInfo model_ = FakeInfo(kVocabulary);
  std::vector<std::string> warnings_;
  std::string text_;
};

TEST_F(LexicalTableTest, ReadsTargetSourceAndProbability) {
  const auto entries =
      Read("<3> [4] 0.5\n<5>\t[4]  1e-3\r\n<7> NULL 1\n<3> [6] 0");
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[0].target, 3);
  EXPECT_EQ(entries[0].source, 4);
  EXPECT_EQ(entries[0].probability, 0.5f);
  EXPECT_EQ(entries[1].target, 5);
  EXPECT_EQ(entries[1].probability, 1e-3f);
  EXPECT_EQ(entries[2].source, LexicalEntry::kNull);
  EXPECT_EQ(entries[3].probability, 0.0f);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(LexicalTableTest, WarnsOfLinesWhoseTokensTheModelLacks) {
  EXPECT_EQ(Read("<3> [4] 0.5\nx [4] 0.5\n<3> [5] 1\n<3> y 0.1\n").size(), 2u);
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0],
            "lex.s2t: 2 of 4 lines are left out, whose tokens the model lacks, "
            "the first in line 2: \"x\"");
}

TEST_F(LexicalTableTest, LeavesOutIdsThatTheModelHasNoEmbeddingOf) {
  tokenizer_ = FakeTokenizer(kVocabulary + 5);
  const auto entries = Read("<3> [4] 0.5\n<22> [4] 0.5\n<2> [2] 1\n");
  EXPECT_EQ(entries.size(), 2u);
  EXPECT_EQ(warnings_.size(), 1u);
}

TEST_F(LexicalTableTest, ErrorsNameFileLineWantedAndFound) {
  const std::string form = ": want TARGET SOURCE PROBABILITY, found ";
  EXPECT_EQ(ErrorOf("<3> [4] 1\n<3> [4]\n"),
            "lex.s2t:2" + form + "\"<3> [4]\"");
  EXPECT_EQ(ErrorOf("\n"), "lex.s2t:1" + form + "\"\"");
  EXPECT_EQ(ErrorOf("<3> [4] 1 1"), "lex.s2t:1" + form + "\"<3> [4] 1 1\"");
  for (const char* number :
       {"-1", "1.5", "nan", "inf", "0.5x", "1e999", "0x1"}) {
    EXPECT_EQ(
        ErrorOf(std::string("<3> [4] ") + number + "\n"),
        std::string("lex.s2t:1: want a probability from 0 to 1, found \"") +
            number + "\"");
  }
  EXPECT_EQ(ErrorOf("<1> [1] 1\na b 1\nc d 1\n"),
            "lex.s2t:2: want tokens of the model in most lines, found \"a\", "
            "and 2 lines of 3 with others");
  EXPECT_EQ(ErrorOf(""),
            "lex.s2t: want lines of TARGET SOURCE PROBABILITY, found none");
  EXPECT_EQ(ErrorOf("\x1f\x8b\x08"),
            "lex.s2t: want text, found a file compressed by gzip");
  EXPECT_EQ(ErrorOf("\xf5\x17\x34\x01\xd5\x48\x1a\xf1" + std::string(9, '\0')),
            "lex.s2t: want Marian's text form, found its binary form");
}

TEST_F(LexicalTableTest, ListsHaveTheBestOfEachTokenAndWhatIsAlwaysThere) {
  text_ =
      "<9> [4] 0.2\n<8> [4] 0.5\n<7> [4] 0.2\n<6> [4] 0.1\n"
      "<15> [5] 0.9\n<14> NULL 0.1\n<13> NULL 0.05\n<15> NULL 0.04\n";
  // Ends 0; start and padding 19.
  EXPECT_EQ(TokensFor({4, 4, 0}, {.first = 2, .best = 2}),
            (Ids{0, 1, 7, 8, 13, 14, 19}));
  EXPECT_EQ(TokensFor({5}, {.first = 3, .best = 1}),
            (Ids{0, 1, 2, 13, 14, 15, 19}));
  EXPECT_EQ(TokensFor({6}, {.first = 1, .best = 1}, {9, 9, 3}),
            (Ids{0, 3, 9, 14, 19}));
  EXPECT_EQ(TokensFor({6}, {.first = 0, .best = 1}), (Ids{0, 19}));
  EXPECT_EQ(TokensFor({6}, {.first = 99, .best = 1}).size(), kVocabulary);
}

// Pieces that are one on both sides.
class JointTokenizer final : public FakeTokenizer {
 public:
  using FakeTokenizer::FakeTokenizer;
  std::string SourcePiece(std::int32_t id) const override { return Piece(id); }
};

TEST_F(LexicalTableTest, ListsHaveTheSourcesOwnTokens) {
  folder_.Write("lex.s2t", "<9> <4> 0.2\n");
  const JointTokenizer tokenizer(kVocabulary);
  const Shortlist shortlist(folder_.path() / "lex.s2t", {.first = 0, .best = 5},
                            tokenizer, model_, warnings_);
  EXPECT_EQ(shortlist.TokensFor(Ids{4, 5, 0}, {}), (Ids{0, 4, 5, 9, 19}));
}

// A table of what the bundled model itself makes of some sentences.
class ShortlistTest : public testing::TestWithParam<Precision> {
 protected:
  static std::vector<std::string> Sentences() {
#ifdef __SANITIZE_ADDRESS__
    constexpr std::size_t kSentences = 6;
#else
    constexpr std::size_t kSentences = 24;
#endif
    std::ifstream lines(models::GoldenFolder() / "bundled/sentences.txt");
    std::vector<std::string> sentences;
    for (std::string line;
         sentences.size() < kSentences && std::getline(lines, line);) {
      if (line.size() > 20 && line.size() < 60) sentences.push_back(line);
    }
    return sentences;
  }

  // Whole, with outputs of its own: learned by none of the options below.
  static const std::vector<Translation>& Whole() {
    static std::map<Precision, std::vector<Translation>> known;
    auto& whole = known[GetParam()];
    if (whole.empty()) {
      whole = Translator(models::BundledFolder(),
                         {.threads = 1, .precision = GetParam()})
                  .TranslateAll(Sentences(), {.beam_size = 1,
                                              .split = TextSplit::kNone,
                                              .alignments = true});
    }
    return whole;
  }

  ShortlistTest() {
    std::string table;
    for (const Translation& one : Whole()) {
      for (const std::string& source : one.source_pieces) {
        for (const std::string& target : one.hypotheses[0].pieces) {
          table += target + " " + source + " 0.5\n";
        }
      }
    }
    folder_.Write("lex.s2t", table);
  }

  Translator Load(std::size_t threads = 1, std::size_t batch_size = 5) const {
    return Translator(models::BundledFolder(),
                      {.threads = threads,
                       .precision = GetParam(),
                       .batch_size = batch_size,
                       .shortlist = folder_.path() / "lex.s2t",
                       .shortlist_first = 10});
  }

  ScratchFolder folder_;
};

TEST_P(ShortlistTest, OutputsWhoseTokensAreListedStayAndAreMoreProbable) {
  const auto found = Load().TranslateAll(
      Sentences(), {.beam_size = 1, .split = TextSplit::kNone});
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].error, "");
    const Hypothesis& want = Whole()[i].hypotheses[0];
    EXPECT_EQ(found[i].hypotheses[0].ids, want.ids);
    EXPECT_GT(found[i].hypotheses[0].score, want.score);
  }
}

// Rare pieces, which no list has of itself.
constexpr std::int32_t kRare = 7900, kRarer = 7950;

std::vector<TranslateOptions> Options() {
  return {
      {.beam_size = 1},
      {.beam_size = 4, .n_best = 4},
      {.beam_size = 1, .forced_first_token = kRare},
      {.beam_size = 1, .max_new_tokens = 2, .forced_last_token = kRare},
      {.beam_size = 3, .target_prefix = {kRare, kRarer}},
      {.beam_size = 6, .required_words = Words{{kRare, kRarer}}},
      {.beam_size = 2,
       .max_new_tokens = 8,
       .sequence_bias = Biases{{.tokens = {kRare}, .bias = 50}}},
      {.beam_size = 4, .suppress_tokens = Ids{5, 6, kRare}},
      {.beam_size = 4, .repetition_penalty = 1.3, .renormalize_logits = true},
      {.beam_size = 1, .encoder_repetition_penalty = 1.2},
      {.beam_size = 1, .sample = true, .seed = 4, .top_k = 0},
      {.beam_size = 4, .sample = true, .seed = 6, .typical_p = 0.9},
      {.alternatives = 5},
      {.beam_size = 64}};
}

TEST_P(ShortlistTest, WhatOptionsForceIsReached) {
  const Translator translator = Load();
  const auto options = Options();
  const auto has = [&](std::size_t option, const Ids& tokens) {
    const auto result = translator.Translate(Sentences()[0], options[option]);
    EXPECT_EQ(result.error, "");
    const Ids& ids = result.hypotheses.at(0).ids;
    return !std::ranges::search(ids, tokens).empty();
  };
  EXPECT_TRUE(has(2, {kRare}));
  EXPECT_TRUE(has(3, {kRare}));
  EXPECT_TRUE(has(4, {kRare, kRarer}));
  EXPECT_TRUE(has(5, {kRare, kRarer}));
  EXPECT_TRUE(has(6, {kRare}));
}

// Drawn from flat distributions, which show all that is possible.
TEST_P(ShortlistTest, OutputsHaveListedTokensAlone) {
  std::set<std::string> listed;
  for (const Translation& one : Whole()) {
    listed.insert(one.source_pieces.begin(), one.source_pieces.end());
    const auto& pieces = one.hypotheses[0].pieces;
    listed.insert(pieces.begin(), pieces.end());
  }
  const TranslateOptions draws = {.beam_size = 1,
                                  .n_best = 8,
                                  .sample = true,
                                  .temperature = 50.0,
                                  .top_k = 0,
                                  .split = TextSplit::kNone};
  for (const auto& one : Load().TranslateAll(Sentences(), draws)) {
    ASSERT_EQ(one.error, "");
    for (const Hypothesis& output : one.hypotheses) {
      for (std::size_t i = 0; i < output.ids.size(); ++i) {
        const bool always = output.ids[i] < 10;  // with control tokens
        EXPECT_TRUE(always || listed.contains(output.pieces[i]))
            << output.pieces[i];
      }
    }
  }
}

TEST_P(ShortlistTest, ScoresOfKnownOutputsAreThoseOfTheWholeVocabulary) {
  std::vector<ScorePair> pairs;
  for (const std::string& sentence : Sentences()) {
    pairs.push_back({.source = sentence, .target = "Bonjour."});
  }
  const auto found = Load().Score(pairs);
  const auto want = Translator(models::BundledFolder(),
                               {.threads = 1, .precision = GetParam()})
                        .Score(pairs);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_EQ(found[i].hypotheses.at(0).log_probs,
              want[i].hypotheses.at(0).log_probs);
  }
}

void ExpectSame(const Translation& found, const Translation& want) {
  EXPECT_EQ(found.error, want.error);
  ASSERT_EQ(found.hypotheses.size(), want.hypotheses.size());
  for (std::size_t i = 0; i < want.hypotheses.size(); ++i) {
    EXPECT_EQ(found.hypotheses[i].ids, want.hypotheses[i].ids);
    EXPECT_EQ(found.hypotheses[i].log_probs, want.hypotheses[i].log_probs);
    EXPECT_EQ(found.hypotheses[i].score, want.hypotheses[i].score);
  }
}

TEST_P(ShortlistTest, AnyCompanyOrderAndThreadsGiveTheBitsOfATextAlone) {
  struct Task {
    std::string text;
    TranslateOptions options;
    Translation alone = {};
  };
  std::vector<Task> tasks;
  const auto sentences = Sentences();
  const auto options = Options();
  {
    const Translator translator = Load(1, 1);
    for (std::size_t i = 0; i < 2 * options.size(); ++i) {
      Task task = {sentences[i % sentences.size()],
                   options[i % options.size()]};
      task.alone = translator.Translate(task.text, task.options);
      EXPECT_EQ(task.alone.error, "");
      tasks.push_back(std::move(task));
    }
  }
  std::mt19937 random(3);
  for (const std::size_t threads : {1u, 2u, 4u}) {
    const Translator translator = Load(threads, 7);
    std::ranges::shuffle(tasks, random);
    std::vector<std::future<Translation>> results;
    for (const Task& task : tasks) {
      results.push_back(translator.Submit(task.text, task.options));
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      ExpectSame(results[i].get(), tasks[i].alone);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, ShortlistTest,
                         testing::Values(Precision::kF32, Precision::kBf16,
                                         Precision::kInt8));

}  // namespace
}  // namespace tessera::engine
