// Hostile files of torch.save: one clear error each, in bounded time and
// memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "models/weights/checkpoint.h"
#include "tests/models/weights/bad_torch_files.h"
#include "tests/models/weights/measured.h"
#include "tests/models/weights/test_folder.h"
#include "tests/models/weights/test_torch.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;
namespace p = pickle;
using namespace std::string_literals;

const std::string kGood = p::Object(p::Dict({p::Text("a"), p::Tensor()}));

class BadTorchTest : public testing::TestWithParam<BadTorch> {};

TEST_P(BadTorchTest, IsRefusedWithTheReason) {
  const TestFolder folder;
  folder.Write("pytorch_model.bin", GetParam().file());
  const std::clock_t start = std::clock();
  try {
    Checkpoint::Open(ModelFolder(folder.path()));
    FAIL() << "opened";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find("pytorch_model.bin: "), 0u) << message;
    EXPECT_NE(message.find(GetParam().message), std::string::npos)
        << "no \"" << GetParam().message << "\" in: " << message;
    EXPECT_TRUE(std::ranges::all_of(message, [](char c) {
      return c >= ' ' && c <= '~';
    })) << message;
    EXPECT_LT(message.size(), 400u) << message;
  }
  if (kMeasured) {
    EXPECT_LT(std::clock() - start, CLOCKS_PER_SEC);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, BadTorchTest,
                         testing::ValuesIn(BadTorchFiles()),
                         [](const auto& bad) { return bad.param.name; });

// Opens a folder and reads whatever can be read; says whether all of it could.
bool ReadsAll(const fs::path& folder) {
  try {
    const auto checkpoint = Checkpoint::Open(ModelFolder(folder));
    for (const std::string& name : checkpoint.Names()) {
      checkpoint.Read(name, checkpoint.Find(name)->shape);
    }
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(BadTorchFilesTest, AFileCutAtAnyByteIsRefused) {
  for (const std::string& good : {TorchZip(kGood), TorchStream()}) {
    const TestFolder folder;
    const fs::path file = folder.Write("pytorch_model.bin", good);
    ASSERT_TRUE(ReadsAll(folder.path()));
    for (std::size_t size = good.size(); size-- > 0;) {
      fs::resize_file(file, size);
      ExpectError([&] { Checkpoint::Open(ModelFolder(folder.path())); },
                  {"pytorch_model.bin: "}, std::to_string(size));
    }
  }
}

// A good file in which a few bytes are changed for a while.
class DamagedFile {
 public:
  explicit DamagedFile(const std::string& good)
      : good_(good),
        file_(folder_.Write("pytorch_model.bin", good),
              std::ios::in | std::ios::out | std::ios::binary) {}

  bool ReadsAllWith(std::size_t at, const std::string& bytes) {
    Put(at, bytes);
    const bool read = ReadsAll(folder_.path());
    Put(at, good_.substr(at, bytes.size()));
    return read;
  }

 private:
  void Put(std::size_t at, const std::string& bytes) {
    file_.seekp(static_cast<std::streamoff>(at));
    file_ << bytes << std::flush;
  }

  const std::string good_;
  TestFolder folder_;
  std::fstream file_;
};

TEST(BadTorchFilesTest, AnyNumberSetToAnExtremeIsReadOrRefused) {
  for (const std::string& good : {TorchZip(kGood), TorchStream()}) {
    DamagedFile file(good);
    for (const std::size_t bytes : {2u, 4u, 8u}) {
      const std::string high(bytes - 1, '\0');
      for (std::size_t at = 0; at + bytes <= good.size(); ++at) {
        for (const std::string& value :
             {"\0"s + high, "\1" + high, std::string(bytes, '\xff'),
              high + '\x80', std::string(bytes - 1, '\xff') + '\x7f'}) {
          file.ReadsAllWith(at, value);
        }
      }
    }
  }
}

TEST(BadTorchFilesTest, RandomDamageIsReadOrRefused) {
  std::mt19937 random(20261126);
  for (const std::string& good : {TorchZip(kGood), TorchStream()}) {
    DamagedFile file(good);
    int refused = 0;
    for (int round = 0; round < 5'000; ++round) {
      const std::size_t at = random() % good.size();
      std::string bytes = good.substr(at, 1 + random() % 8);
      for (unsigned edit = 0; edit <= random() % 3; ++edit) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      refused += !file.ReadsAllWith(at, bytes);
    }
    EXPECT_GT(refused, 2'500);
  }
}

TEST(BadTorchFilesTest, ReadingTakesAtMost64MiBBesideTheFile) {
  if (!kMeasured) GTEST_SKIP() << "the sanitizer's own memory would count";
  for (const BadTorch& bad : BadTorchFiles()) {
    const TestFolder folder;
    const fs::path file = folder.Write("pytorch_model.bin", bad.file());
    EXPECT_LE(PeakGrowth([&] { ReadsAll(folder.path()); }),
              64 + static_cast<int>(fs::file_size(file) >> 20))
        << bad.name;
  }
}

}  // namespace
}  // namespace tessera::models
