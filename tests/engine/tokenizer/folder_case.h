// A tokenizer whose folder a test writes itself.
#ifndef TESSERA_TESTS_ENGINE_TOKENIZER_FOLDER_CASE_H_
#define TESSERA_TESTS_ENGINE_TOKENIZER_FOLDER_CASE_H_

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {

using Ids = std::vector<std::int32_t>;

// Loads anew each time, so that a test may change the folder between.
class FolderCase : public testing::Test {
 protected:
  std::unique_ptr<Tokenizer> Load() const {
    return LoadTokenizer(models::ModelFolder(folder_.path()));
  }
  Ids Encode(std::string_view text) const { return Load()->Encode(text).ids; }
  std::string Decode(const Ids& ids) const { return Load()->Decode(ids); }
  std::string LoadFailure() const {
    try {
      Load();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  // That the folder is refused for each of these that is not there.
  void ExpectNamesWhatIsMissing(const std::vector<const char*>& files) {
    for (const char* name : files) {
      const std::string bytes = ReadBytes(folder_.path() / name);
      std::filesystem::remove(folder_.path() / name);
      EXPECT_NE(LoadFailure().find(name), std::string::npos) << LoadFailure();
      folder_.Write(name, bytes);
    }
  }

  ScratchFolder folder_;
};

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_TOKENIZER_FOLDER_CASE_H_
