// NAME.index.json: which shard of a checkpoint holds which tensor.
#ifndef TESSERA_MODELS_WEIGHTS_SHARD_INDEX_H_
#define TESSERA_MODELS_WEIGHTS_SHARD_INDEX_H_

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::models {

inline constexpr std::size_t kMaxShards = 1'000;

struct ShardIndex {
  std::string name;                 // of the index file itself
  std::vector<std::string> shards;  // file names, sorted, each once
  std::map<std::string, std::string, std::less<>> shard_of;  // by tensor
};

// Reads an index. Throws tessera::Error unless every shard is named by a plain
// file name ending in `suffix` (".safetensors"): no separator, so that it
// cannot lead out of the folder.
ShardIndex ReadShardIndex(const std::filesystem::path& path,
                          std::string_view suffix);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_SHARD_INDEX_H_
