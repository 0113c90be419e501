// A temporary folder for tests, and the check that something is refused.
#ifndef TESSERA_TESTS_MODELS_WEIGHTS_TEST_FOLDER_H_
#define TESSERA_TESTS_MODELS_WEIGHTS_TEST_FOLDER_H_

#include <gtest/gtest.h>
#include <stdlib.h>
#include <tessera/error.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>

namespace tessera::models {

// An empty folder that disappears with the object.
class TestFolder {
 public:
  TestFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "tessera-test-XXXXXX")
            .string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("cannot make a folder like " + name);
    }
    path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path Write(std::string_view name,
                              std::string_view contents) const {
    const auto file = path_ / name;
    std::ofstream out(file, std::ios::binary);
    out.write(contents.data(), static_cast<std::streamsize>(contents.size()));
    out.close();
    if (!out) throw std::runtime_error("cannot write " + file.string());
    return file;
  }

 private:
  std::filesystem::path path_;
};

// Expects action to throw tessera::Error with a message of one line that holds
// each of parts.
template <class Action>
void ExpectError(Action&& action, std::initializer_list<std::string_view> parts,
                 std::string_view what = {}) {
  try {
    action();
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const auto part : parts) {
      EXPECT_NE(message.find(part), std::string::npos)
          << what << " is not refused for \"" << part << "\" but so:\n"
          << message;
    }
    return;
  }
  ADD_FAILURE() << what << " is accepted";
}

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_WEIGHTS_TEST_FOLDER_H_
