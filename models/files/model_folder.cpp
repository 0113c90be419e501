// Listing a folder and keeping what was parsed.
#include "models/files/model_folder.h"

#include <algorithm>
#include <cctype>
#include <iterator>
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

}  // namespace

ModelFolder::ModelFolder(fs::path path, FolderPolicy policy)
    : path_(std::move(path)), policy_(policy) {
  std::error_code error;
  if (!fs::is_directory(path_, error)) RefuseNoFolder(path_);
  for (fs::directory_iterator entry(path_, error), end;
       !error && entry != end && names_.size() <= kMaxEntries;
       entry.increment(error)) {
    names_.push_back(entry->path().filename().string());
  }
  if (error || names_.size() > kMaxEntries) {
    Refuse(path_.string(), Cat("a folder of at most ", kMaxEntries, " entries"),
           error ? error.message() : "more");
  }
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
