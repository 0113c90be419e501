// Calls: lists and streams of texts through a model without weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "engine/describe.h"
#include "engine/runtime.h"
#include "tests/engine/fake_model.h"
#include "tests/engine/fake_tokenizer.h"

namespace tessera::engine {
namespace {

constexpr std::size_t kVocabulary = 50;

LoadedModel FakeFolder() {
  HashedLogits logits(11, kVocabulary);
  logits.eos_bias = 2;
  return {std::make_unique<FakeModel>(logits, FakeInfo(kVocabulary)),
          std::make_unique<FakeTokenizer>(kVocabulary)};
}

std::vector<std::string> Texts(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(std::to_string(i % 40 + 1) + " " +
                    std::to_string(i / 40 + 1));
  }
  return texts;
}

std::vector<std::string> Outputs(const std::vector<Translation>& translations) {
  std::vector<std::string> outputs;
  for (const Translation& translation : translations) {
    outputs.emplace_back(translation.text());
  }
  return outputs;
}

class RuntimeTest : public testing::Test {
 protected:
  Translation TranslateOne(const std::string& text,
                           const TranslateOptions& options = {}) {
    return std::move(runtime_.Translate({&text, 1}, options).front());
  }
  std::vector<std::string> OneByOne(const std::vector<std::string>& texts) {
    std::vector<std::string> outputs;
    for (const std::string& text : texts) {
      outputs.emplace_back(TranslateOne(text).text());
    }
    return outputs;
  }

  Runtime runtime_{FakeFolder(), {.threads = 2, .batch_size = 4}};
};

TEST_F(RuntimeTest, GivesTextPiecesIdsAndLogProbabilities) {
  const Translation result = TranslateOne("1 2 3");
  ASSERT_TRUE(result.ok());
  ASSERT_FALSE(result.hypotheses.empty());
  const Hypothesis& best = result.hypotheses.front();
  EXPECT_EQ(best.text, FakeTokenizer(kVocabulary).Decode(best.ids));
  EXPECT_EQ(best.pieces.size(), best.ids.size());
  EXPECT_EQ(best.pieces.back(), "<0>");
  EXPECT_EQ(best.log_probs.size(), best.ids.size());
  EXPECT_EQ(result.text(), best.text);
}

TEST_F(RuntimeTest, GivesHypothesesBestFirst) {
  const Translation result = TranslateOne("1 2 3", {.beam_size = 5});
  ASSERT_EQ(result.hypotheses.size(), 5u);
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_GE(result.hypotheses[i - 1].score, result.hypotheses[i].score);
  }
}

TEST_F(RuntimeTest, ListsKeepTheirOrder) {
  const auto texts = Texts(100);
  EXPECT_EQ(Outputs(runtime_.Translate(texts, {})), OneByOne(texts));
}

TEST_F(RuntimeTest, AnEmptyListGivesNothing) {
  EXPECT_TRUE(runtime_.Translate({}, {}).empty());
}

TEST_F(RuntimeTest, AnEmptyTextGivesAnEmptyText) {
  for (const char* text : {"", "  \t "}) {
    const Translation result = TranslateOne(text);
    EXPECT_TRUE(result.ok());
    ASSERT_EQ(result.hypotheses.size(), 1u);
    EXPECT_EQ(result.text(), "");
    EXPECT_TRUE(result.hypotheses.front().ids.empty());
    EXPECT_EQ(result.hypotheses.front().score, 0);
  }
}

TEST_F(RuntimeTest, ATextThatFailsLeavesTheOthersAlone) {
  const std::vector<std::string> texts = {"1", "bad", "2"};
  const auto results = runtime_.Translate(texts, {});
  EXPECT_TRUE(results[0].ok());
  EXPECT_EQ(results[1].error, "text: want numbers, found bad");
  EXPECT_EQ(results[1].text(), "");
  EXPECT_TRUE(results[2].ok());
}

TEST_F(RuntimeTest, OptionsOutOfRangeThrow) {
  EXPECT_THROW(TranslateOne("1", {.beam_size = 0}), Error);
  EXPECT_THROW(runtime_.TranslateStream([] { return std::nullopt; },
                                        [](const std::string&, Translation) {},
                                        {.max_length = 0}),
               Error);
}

TEST_F(RuntimeTest, ManyThreadsMayCallAtOnce) {
  const auto texts = Texts(60);
  const auto expected = OneByOne(texts);
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back(
        [&] { EXPECT_EQ(Outputs(runtime_.Translate(texts, {})), expected); });
  }
}

// Gives the texts of a list, and remembers how many it has given.
class Source {
 public:
  explicit Source(std::vector<std::string> texts) : texts_(std::move(texts)) {}
  std::optional<std::string> operator()() {
    if (given_ == texts_.size()) return std::nullopt;
    return texts_[given_++];
  }
  std::size_t given() const { return given_; }

 private:
  std::vector<std::string> texts_;
  std::size_t given_ = 0;
};

TEST_F(RuntimeTest, StreamsKeepTheirOrderAndReadAheadABoundedNumber) {
  const auto texts = Texts(500);
  Source source(texts);
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::size_t most_ahead = 0;
  const auto caller = std::this_thread::get_id();
  runtime_.TranslateStream(
      [&] {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        return source();
      },
      [&](const std::string& text, const Translation& result) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        most_ahead = std::max(most_ahead, source.given() - inputs.size());
        inputs.push_back(text);
        outputs.emplace_back(result.text());
      },
      {});
  EXPECT_EQ(inputs, texts);
  EXPECT_EQ(outputs, OneByOne(texts));
  EXPECT_LE(most_ahead, 4 * 4 * 2u);  // batch size, threads
}

TEST_F(RuntimeTest, AnExceptionOfTheSinkEndsTheStream) {
  Source source(Texts(500));
  std::size_t calls = 0;
  const auto fail_on_third = [&](const std::string&, const Translation&) {
    if (++calls == 3) throw std::runtime_error("disk full");
  };
  EXPECT_THROW(runtime_.TranslateStream(std::ref(source), fail_on_third, {}),
               std::runtime_error);
  EXPECT_EQ(calls, 3u);
  EXPECT_LT(source.given(), 50u);
  EXPECT_TRUE(TranslateOne("1").ok());  // the threads are as good as before
}

TEST_F(RuntimeTest, AnExceptionOfTheSourceEndsTheStream) {
  std::size_t given = 0;
  const auto fail_at_ten = [&]() -> std::optional<std::string> {
    if (++given == 10) throw std::runtime_error("read error");
    return "1";
  };
  EXPECT_THROW(
      runtime_.TranslateStream(
          fail_at_ten, [](const std::string&, const Translation&) {}, {}),
      std::runtime_error);
  EXPECT_TRUE(TranslateOne("1").ok());
}

TEST_F(RuntimeTest, LongLinesFailInAStreamWithoutEndingIt) {
  std::string long_text = "1";
  for (int i = 0; i < 70; ++i) long_text += " 1";
  Source source({"1", long_text, "2"});
  std::vector<std::string> errors;
  runtime_.TranslateStream(std::ref(source),
                           [&](const std::string&, const Translation& result) {
                             errors.push_back(result.error);
                           },
                           {});
  EXPECT_EQ(errors, (std::vector<std::string>{
                        "", "source has 72 tokens, the model takes 64", ""}));
}

TEST_F(RuntimeTest, DescribesModelAndDefaults) {
  const auto facts = Describe(runtime_);
  const auto value = [&](const std::string& name) {
    const auto fact = std::find_if(facts.begin(), facts.end(),
                                   [&](auto& f) { return f.first == name; });
    return fact == facts.end() ? "absent" : fact->second;
  };
  EXPECT_EQ(value("architecture"), "fake");
  EXPECT_EQ(value("beam size"), "4");
  EXPECT_EQ(value("max length"), "64");
  EXPECT_EQ(value("length penalty"), "1");
  EXPECT_EQ(value("length penalty form"), "power");
  EXPECT_EQ(value("early stopping"), "false");
  EXPECT_EQ(value("threads"), "2");
  EXPECT_EQ(value("unused tensors"), "none");
}

TEST(RuntimeLoadTest, RefusesGenerationDefaultsOutOfRange) {
  models::ModelInfo info = FakeInfo(kVocabulary);
  info.generation.num_beams = 100;
  LoadedModel folder = {
      std::make_unique<FakeModel>(HashedLogits(1, kVocabulary), info),
      std::make_unique<FakeTokenizer>(kVocabulary)};
  EXPECT_THROW(Runtime(std::move(folder), {}), Error);
}

TEST(RuntimeLoadTest, RefusesATokenizerWithMoreTokensThanEmbeddings) {
  const LoadedModel folder = {
      std::make_unique<FakeModel>(HashedLogits(1, kVocabulary),
                                  FakeInfo(kVocabulary)),
      std::make_unique<FakeTokenizer>(kVocabulary + 1)};
  try {
    CheckFit(folder);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "source vocabulary: want at most 50 tokens, as many as the "
                 "model has embeddings, found 51");
  }
}

TEST(RuntimeLoadTest, RefusesATokenizerWithAnEndThatIsNotTheModels) {
  auto tokenizer = std::make_unique<FakeTokenizer>(kVocabulary);
  tokenizer->end = 7;
  models::ModelInfo info = FakeInfo(kVocabulary);
  info.generation.eos_token_ids = {0, 2};
  const LoadedModel folder = {
      std::make_unique<FakeModel>(HashedLogits(1, kVocabulary), info),
      std::move(tokenizer)};
  try {
    CheckFit(folder);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "eos_token: want the id 0 or 2, the eos_token_id of outputs, "
                 "found 7");
  }
}

}  // namespace
}  // namespace tessera::engine
