// A folder of a test's own, gone when the test ends.
#ifndef TESSERA_TESTS_ENGINE_TOKENIZER_SCRATCH_FOLDER_H_
#define TESSERA_TESTS_ENGINE_TOKENIZER_SCRATCH_FOLDER_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace tessera::engine {

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = testing::TempDir() + "tessera_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path Write(std::string_view name,
                              std::string_view bytes) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

 private:
  std::filesystem::path path_;
};

inline std::string ReadBytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_TOKENIZER_SCRATCH_FOLDER_H_
