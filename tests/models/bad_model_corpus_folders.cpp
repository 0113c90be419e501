// Cases about the files of a folder: other formats, other kinds, shards.
#include <sys/stat.h>

#include <stdexcept>
#include <string>

#include "tests/models/bad_model_corpus_builder.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

void AddOtherFormats(Corpus& corpus) {
  const std::pair<std::string, std::string> magic[] = {
      {"GGUF", "GGUF\x03\0\0\0"s},
      {"pickle", "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19."s},
      {"zip", "PK\x03\x04\0\0\x08\x08\0\0archive/data.pkl"s},
      {"ONNX",
       "\x08\x07\x12\x07pytorch\x1a\x03"
       "2.1:\xff"s},
      {"NumPy", "\x93NUMPY\x01\0v\0{'descr': '<f4'"s},
      {"Marian", "\x01\0\0\0\0\0\0\0\x2a\0\0\0\0\0\0\0"s},
      {"CTranslate2", "\x06\0\0\0\x10\0TransformerSpec\0\x07\0\0\0"s},
      {"HDF5", "\x89HDF\r\n\x1a\n\0\0\0"s},
      {"gzip", "\x1f\x8b\x08\0\0\0\0\0\0\x03\xed\xc1"s},
      {"Git", "version https://git-lfs.github.com/spec/v1\noid sha256:4d"s},
      {"HTML", "<!DOCTYPE html><html>"s},
  };
  for (const auto& [name, bytes] : magic) {
    corpus.File("Contents" + name, kWeights, bytes, name);
  }
  for (const std::string name :
       {"tf_model.h5", "flax_model.msgpack", "model.gguf", "model.onnx",
        "model.npz", "model.bin", "rust_model.ot"}) {
    corpus.After("Instead" + Letters(name),
                 [name](const fs::path& folder) {
                   fs::rename(folder / kWeights, folder / name);
                 },
                 {kWeights, "found " + name});
  }
  corpus.After("InsteadPyTorch",
               [](const fs::path& folder) {
                 fs::rename(folder / kWeights, folder / "pytorch_model.bin");
               },
               {"pytorch_model.bin: byte 0", "want a file of torch.save"});
  corpus.After("NoWeights", [](const fs::path& f) { fs::remove(f / kWeights); },
               {kWeights, "found none of them"});
}

void AddFileKinds(Corpus& corpus) {
  const std::pair<std::string, std::string> files[] = {
      {"Weights", kWeights},
      {"Config", "config.json"},
      {"Generation", "generation_config.json"},
  };
  for (const auto& [label, name] : files) {
    const std::string file = name;
    corpus.After(label + "IsADirectory",
                 [file](const fs::path& folder) {
                   fs::remove(folder / file);
                   fs::create_directory(folder / file);
                 },
                 {file, "a directory"});
    corpus.After(label + "IsAPipe",
                 [file](const fs::path& folder) {
                   fs::remove(folder / file);
                   if (mkfifo((folder / file).c_str(), 0600) != 0) {
                     throw std::runtime_error("cannot make a pipe");
                   }
                 },
                 {file, "a pipe"});
    const auto link_to = [file](const std::string& target) {
      return [file, target](const fs::path& folder) {
        fs::remove(folder / file);
        fs::create_symlink(target, folder / file);
      };
    };
    corpus.After(label + "IsADevice", link_to("/dev/zero"), {file, "a device"});
    corpus.After(label + "IsACircle", link_to(file), {file, "symbolic links"});
    corpus.After(label + "LeadsNowhere", link_to("gone"),
                 {file, "No such file"});
  }
}

// Files that are larger than they look: 10 GB that no disk holds.
void AddSparseFiles(Corpus& corpus) {
  constexpr std::uintmax_t kSparse = 10'000'000'000;
  for (const std::string& name :
       {kWeights, "config.json"s, "generation_config.json"s}) {
    corpus.After("SparseAfter" + Letters(name),
                 [name](const fs::path& folder) {
                   fs::resize_file(folder / name, kSparse);
                 },
                 {name});
    corpus.After("SparseZeros" + Letters(name),
                 [name](const fs::path& folder) {
                   WriteFile(folder / name, "");
                   fs::resize_file(folder / name, kSparse);
                 },
                 {name});
  }
  corpus.After("SparsePyTorch",
               [](const fs::path& folder) {
                 fs::remove(folder / kWeights);
                 WriteFile(folder / "pytorch_model.bin", "PK\x03\x04");
                 fs::resize_file(folder / "pytorch_model.bin", kSparse);
               },
               {"pytorch_model.bin"});
  corpus.After("HeaderOf100MB",
               [](const fs::path& folder) {
                 WriteFile(folder / kWeights,
                           "\x00\xe1\xf5\x05\0\0\0\0{"s);  // 100,000,000
                 fs::resize_file(folder / kWeights, 110'000'000);
               },
               {kWeights, "want a header length of at most"});
}

void AddShards(Corpus& corpus) {
  const std::string index = "model.safetensors.index.json";
  const auto shard = [index](const std::string& name) {
    return [=](const fs::path& folder) {
      fs::rename(folder / kWeights, folder / "w.safetensors");
      WriteFile(folder / index,
                "{\"weight_map\":{\"" + kShared + "\":\"" + name + "\"}}");
    };
  };
  corpus.After("ShardAbove", shard("../w.safetensors"), {index, kShared});
  corpus.After("ShardAbsolute", shard("/w.safetensors"), {index, kShared});
  corpus.After("ShardBelow", shard("a/w.safetensors"), {index, kShared});
  corpus.After("ShardOfAnotherKind", shard("w.bin"), {index, kShared});
  corpus.After("ShardEmptyName", shard(""), {index, kShared});
  corpus.After("ShardMissing", shard("v.safetensors"),
               {"v.safetensors", "No such file"});
  const auto rename_and_map = [index](const std::string& map) {
    return [=](const fs::path& folder) {
      fs::copy(folder / kWeights, folder / "v.safetensors");
      fs::rename(folder / kWeights, folder / "w.safetensors");
      WriteFile(folder / index, map);
    };
  };
  corpus.After("ShardsShareTensors",
               rename_and_map(R"({"weight_map":{"a":"v.safetensors",)"
                              R"("b":"w.safetensors"}})"),
               {"w.safetensors", "want each tensor in one shard"});
  corpus.After("ShardLacksTensor",
               rename_and_map(R"({"weight_map":{"a":"w.safetensors"}})"),
               {"w.safetensors: a", "found no tensor"});
  corpus.After("IndexWithoutMap", rename_and_map("{}"), {index, "weight_map"});
  corpus.After("IndexMapsToNumber", rename_and_map(R"({"weight_map":{"a":1}})"),
               {index, "want a string"});
}

}  // namespace

void AddFolderCases(Corpus& corpus) {
  AddOtherFormats(corpus);
  AddFileKinds(corpus);
  AddSparseFiles(corpus);
  AddShards(corpus);
}

}  // namespace tessera::models
