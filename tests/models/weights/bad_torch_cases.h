// What the files of BadTorchFiles are made with, subject by subject.
#ifndef TESSERA_TESTS_MODELS_WEIGHTS_BAD_TORCH_CASES_H_
#define TESSERA_TESTS_MODELS_WEIGHTS_BAD_TORCH_CASES_H_

#include <string>
#include <vector>

#include "tests/models/weights/bad_torch_files.h"

namespace tessera::models {

using BadTorchCases = std::vector<BadTorch>;

// The pickle of an object in an archive; AddObject: in a stream, too.
void AddArchive(BadTorchCases& cases, const std::string& name,
                const std::string& object, const std::string& message);
void AddObject(BadTorchCases& cases, const std::string& name,
               const std::string& object, const std::string& message);

// Names and opcodes that no tensors need, stacks that do not come out even.
void AddPickles(BadTorchCases& cases);
// Pickles that grow without end.
void AddGrowth(BadTorchCases& cases);
// Storages and tensors that do not fit each other.
void AddTensors(BadTorchCases& cases);
// The archives around them.
void AddArchives(BadTorchCases& cases);

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_WEIGHTS_BAD_TORCH_CASES_H_
