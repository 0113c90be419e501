// Loads a folder with a listener that writes all that layers get.
#include "engine/pack_folder.h"

#include <stdlib.h>

#include <string>
#include <system_error>

#include "engine/precision.h"
#include "engine/translator_impl.h"
#include "kernels/isa.h"
#include "models/files/message.h"
#include "models/files/model_folder.h"
#include "models/weights/containers.h"
#include "models/weights/packed_file.h"

namespace tessera::engine {
namespace {

namespace fs = std::filesystem;

void CheckAbsent(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(folder, error);
  if (!fs::exists(status)) return;
  if (fs::is_directory(status) && fs::is_empty(folder, error) && !error) return;
  models::Refuse(folder.string(), "no such folder, or an empty one",
                 "something there");
}

// A folder beside another, which it becomes at the end; gone otherwise.
class FolderBeside {
 public:
  explicit FolderBeside(const fs::path& target)
      : target_(fs::absolute(target).lexically_normal()) {
    if (!target_.has_filename()) target_ = target_.parent_path();
    std::string name = target_.string() + ".XXXXXX";
    if (!mkdtemp(name.data())) {
      throw Error(name + ": " + std::generic_category().message(errno));
    }
    path_ = name;
  }
  FolderBeside(const FolderBeside&) = delete;
  FolderBeside& operator=(const FolderBeside&) = delete;
  ~FolderBeside() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }

  void Rename() {
    using fs::perms;
    fs::permissions(path_, perms::owner_all | perms::group_read |
                               perms::group_exec | perms::others_read |
                               perms::others_exec);
    fs::rename(path_, target_);
    path_.clear();
  }

 private:
  fs::path target_;
  fs::path path_;
};

void CopyOthers(const models::ModelFolder& folder, const fs::path& to) {
  for (const std::string& name : folder.names()) {
    std::error_code ignored;
    if (models::IsWeightFile(name) ||
        !fs::is_regular_file(folder.File(name), ignored)) {
      continue;
    }
    fs::copy_file(folder.File(name), to / name);
  }
}

}  // namespace

void PackFolder(const fs::path& folder, const fs::path& packed,
                Precision precision) try {
  kernels::CheckIsaRequest();
  CheckAbsent(packed);
  // Options of outputs matter when there are some.
  const models::ModelFolder opened(folder, {.ignore_unsupported = true});
  models::CheckModelFolder(opened);
  const kernels::ElementType type = WeightsOf(precision).type;
  LoadedModel loaded;
  loaded.tokenizer = LoadTokenizer(opened);
  FolderBeside made(packed);
  models::PackedFileWriter writer(made.path(), type);
  loaded.model = models::LoadModel(opened, {.type = type, .writer = &writer});
  CheckFit(loaded);
  CopyOthers(opened, made.path());
  made.Rename();
} catch (const fs::filesystem_error& error) {
  throw Error(error.what());
}

}  // namespace tessera::engine
