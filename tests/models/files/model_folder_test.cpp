// ModelFolder: one listing, one text of each configuration file.
#include "models/files/model_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "models/model.h"
#include "tests/models/golden.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;

TEST(ModelFolderTest, ListsEntriesOfEveryKindInOrder) {
  const TestFolder folder;
  folder.Write("b", "");
  folder.Write("a", "");
  fs::create_directory(folder.path() / "d");
  fs::create_symlink("nothing", folder.path() / "broken");
  const ModelFolder opened(folder.path());
  EXPECT_EQ(opened.names(),
            (std::vector<std::string>{"a", "b", "broken", "d"}));
  EXPECT_TRUE(opened.Has("a"));
  EXPECT_TRUE(opened.Has("broken"));
  EXPECT_FALSE(opened.Has("c"));
  EXPECT_EQ(opened.File("c"), folder.path() / "c");
}

TEST(ModelFolderTest, RefusesAFolderThatIsNone) {
  const TestFolder folder;
  ExpectError([&] { ModelFolder opened(folder.path() / "absent"); },
              {"absent", "no such folder"});
  folder.Write("file", "x");
  ExpectError([&] { ModelFolder opened(folder.path() / "file"); },
              {"file",
               "found a file in place of the folder; name the folder "
               "it is in, ",
               folder.path().string()});
}

TEST(ModelFolderTest, ParsesAFileOnce) {
  const TestFolder folder;
  folder.Write("config.json", R"({"a": 1})");
  const ModelFolder opened(folder.path());
  EXPECT_EQ(opened.Json("config.json").Integer("a"), 1);
  folder.Write("config.json", R"({"a": 2})");
  EXPECT_EQ(opened.Json("config.json").Integer("a"), 1);
  EXPECT_EQ(&opened.Json("config.json"), &opened.Json("config.json"));
}

TEST(ModelFolderTest, RefusesJsonAsItIsRead) {
  const TestFolder folder;
  folder.Write("config.json", "{");
  const ModelFolder opened(folder.path());
  ExpectError([&] { opened.Json("config.json"); },
              {"config.json: want valid JSON"});
  ExpectError([&] { opened.Json("absent.json"); },
              {"absent.json", "No such file"});
}

TEST(ModelFolderTest, AModelIsLoadedFromOneTextOfItsConfiguration) {
  const TestFolder folder;
  for (const auto& entry :
       fs::directory_iterator(GoldenFolder() / "marian/padding_not_zero")) {
    fs::copy(entry.path(), folder.path());
  }
  const ModelFolder opened(folder.path());
  for (const char* name : {"config.json", "generation_config.json"}) {
    opened.Json(name);
    folder.Write(name, "no longer JSON");
  }
  EXPECT_EQ(LoadModel(opened)->info().width, 20u);
}

}  // namespace
}  // namespace tessera::models
