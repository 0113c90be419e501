// Folders and files that are something else than was meant: what each is, and
// what to do.
#ifndef TESSERA_MODELS_FILES_FOREIGN_FOLDER_H_
#define TESSERA_MODELS_FILES_FOREIGN_FOLDER_H_

#include <string>
#include <string_view>

#include "models/files/model_folder.h"

namespace tessera::models {

// Throws tessera::Error for a folder without config.json, or with one that
// names no model_type, which says by the names in it what it is: a cache of
// Hugging Face, an adapter, a model of CTranslate2, Marian, fairseq, ONNX, ...
void RefuseForeignFolder(const ModelFolder& folder);

// " (a text encoder, ...)" for a well-known model_type, or nothing.
std::string DescribeModelType(std::string_view model_type);

// The name of an entry of a folder in a message: as it is, to be copied, or
// quoted if it has other than printable ASCII.
std::string ShowName(std::string_view name);

// What stands in place of a file, by its first bytes: "a Git LFS pointer; ...".
// Empty when it may be the file itself.
std::string_view PlaceholderKind(std::string_view prefix);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_FILES_FOREIGN_FOLDER_H_
