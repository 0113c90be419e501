// Listing a folder and keeping what was parsed.
#include "models/files/model_folder.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "models/files/message.h"

namespace tessera::models {

namespace fs = std::filesystem;

ModelFolder::ModelFolder(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  if (!fs::is_directory(path_, error)) {
    Refuse(path_.string(), "the folder of a model", "no such folder");
  }
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

const JsonObject& ModelFolder::Json(std::string_view name) const {
  auto found = json_.find(name);
  if (found == json_.end()) {
    found = json_.emplace(name, JsonObject::Read(File(name))).first;
  }
  return found->second;
}

}  // namespace tessera::models
