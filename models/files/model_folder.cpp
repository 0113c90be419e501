// Listing a folder and keeping what was parsed.
#include "models/files/model_folder.h"

#include <tessera/error.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace tessera::models {

namespace fs = std::filesystem;

ModelFolder::ModelFolder(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  if (!fs::is_directory(path_, error)) {
    throw Error(path_.string() +
                ": want the folder of a model, found no such folder");
  }
  for (fs::directory_iterator entry(path_, error), end;
       !error && entry != end && names_.size() <= kMaxEntries;
       entry.increment(error)) {
    names_.push_back(entry->path().filename().string());
  }
  if (error || names_.size() > kMaxEntries) {
    throw Error(path_.string() + ": want a folder of at most " +
                std::to_string(kMaxEntries) + " entries, found " +
                (error ? error.message() : "more"));
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
