// The folder of a model: its files by name, its configuration read once.
#ifndef TESSERA_MODELS_FILES_MODEL_FOLDER_H_
#define TESSERA_MODELS_FILES_MODEL_FOLDER_H_

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/json.h"

namespace tessera::models {

// How a folder is to be taken.
struct FolderPolicy {
  // Go on without generation options that are not supported, and warn.
  bool ignore_unsupported = false;
};

// Handed to whatever reads a part of the model, so that all see one listing and
// one text of each configuration file, also if the folder changes meanwhile.
// Use from one thread at a time.
class ModelFolder {
 public:
  static constexpr std::size_t kMaxEntries = 100'000;

  // Lists the folder. Throws tessera::Error if it is none, cannot be listed or
  // has more than kMaxEntries entries.
  explicit ModelFolder(std::filesystem::path path, FolderPolicy policy = {});

  const std::filesystem::path& path() const { return path_; }
  const FolderPolicy& policy() const { return policy_; }

  // Keeps what whoever loads the model should know, each message once.
  void Warn(const std::string& message) const;
  const std::vector<std::string>& warnings() const { return warnings_; }

  // Of all entries, sorted.
  const std::vector<std::string>& names() const { return names_; }

  // Whether there is an entry of that name, be it a broken link or a pipe:
  // opening it then tells what is wrong with it.
  bool Has(std::string_view name) const;

  std::filesystem::path File(std::string_view name) const {
    return path_ / name;
  }

  // A configuration file, parsed at the first call and kept. Throws
  // tessera::Error as JsonObject::Read does, also where it is absent.
  const JsonObject& Json(std::string_view name) const;

 private:
  std::filesystem::path path_;
  FolderPolicy policy_;
  mutable std::vector<std::string> warnings_;
  std::vector<std::string> names_;
  mutable std::map<std::string, JsonObject, std::less<>> json_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_FILES_MODEL_FOLDER_H_
