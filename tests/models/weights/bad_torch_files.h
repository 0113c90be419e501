// Files that torch.save would never write, each with what is to be said of it.
#ifndef TESSERA_TESTS_MODELS_WEIGHTS_BAD_TORCH_FILES_H_
#define TESSERA_TESTS_MODELS_WEIGHTS_BAD_TORCH_FILES_H_

#include <functional>
#include <string>
#include <vector>

namespace tessera::models {

// A file that must be refused, and a part of the message.
struct BadTorch {
  std::string name;
  std::function<std::string()> file;
  std::string message;
};

std::vector<BadTorch> BadTorchFiles();

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_WEIGHTS_BAD_TORCH_FILES_H_
