// Listing a folder and keeping what was parsed.
#include "models/files/model_folder.h"

#include <dirent.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include "models/files/message.h"

namespace tessera::models {

namespace fs = std::filesystem;

namespace {

// "Helsinki-NLP/opus-mt-en-de": a name at Hugging Face, not of a folder here.
bool LooksLikeHubName(const fs::path& path) {
  const auto may_be_named = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ||
           c == '_' || c == '.' || c == '/';
  };
  std::error_code error;
  return path.is_relative() && std::distance(path.begin(), path.end()) == 2 &&
         !path.filename().empty() && path.begin()->string().front() != '.' &&
         std::ranges::all_of(path.string(), may_be_named) &&
         !fs::exists(*path.begin(), error);
}

[[noreturn]] void RefuseNoFolder(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error)) {
    const fs::path parent = path.parent_path();
    Refuse(path.string(), "the folder of a model",
           Cat("a file in place of the folder; name the folder it is in, ",
               parent.empty() ? "." : parent.string()));
  }
  Refuse(path.string(), "the folder of a model",
         Cat("no such folder",
             LooksLikeHubName(path)
                 ? Cat("; download a model of Hugging Face first: "
                       "hf download ",
                       path.string(), " --local-dir FOLDER")
                 : ""));
}

// The names in a folder. By readdir: libstdc++'s directory_iterator allocates
// in functions that must not throw, which ends the process where memory is
// short.
std::vector<std::string> List(const fs::path& path, std::size_t most) {
  const std::string want = Cat("a folder of at most ", most, " entries");
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()),
                                                   closedir);
  if (folder == nullptr) {
    Refuse(path.string(), want, std::generic_category().message(errno));
  }
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = readdir(folder.get());
    if (entry == nullptr && errno != 0) {
      Refuse(path.string(), want, std::generic_category().message(errno));
    }
    if (entry == nullptr) return names;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == most) Refuse(path.string(), want, "more");
    names.emplace_back(name);
  }
}

}  // namespace

ModelFolder::ModelFolder(fs::path path, FolderPolicy policy)
    : path_(std::move(path)), policy_(policy) {
  std::error_code error;
  if (!fs::is_directory(path_, error)) RefuseNoFolder(path_);
  names_ = List(path_, kMaxEntries);
  std::ranges::sort(names_);
}

bool ModelFolder::Has(std::string_view name) const {
  return std::ranges::binary_search(names_, name);
}

void ModelFolder::Warn(const std::string& message) const {
  if (std::ranges::count(warnings_, message) > 0) return;
  warnings_.push_back(message);
}

const JsonObject& ModelFolder::Json(std::string_view name) const {
  auto found = json_.find(name);
  if (found == json_.end()) {
    found = json_.emplace(name, JsonObject::Read(File(name))).first;
  }
  return found->second;
}

}  // namespace tessera::models
