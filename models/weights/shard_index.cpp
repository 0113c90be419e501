// Reading a shard index under the same limits as a safetensors header.
#include "models/weights/shard_index.h"

#include <tessera/error.h>

#include <algorithm>
#include <set>

#include "models/files/json.h"
#include "models/weights/safetensors_header.h"

namespace tessera::models {
namespace {

bool IsPlainShardName(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) && name.size() <= 255 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c > ' ' && c <= '~' && c != '/' && c != '\\';
         });
}

}  // namespace

ShardIndex ReadShardIndex(const std::filesystem::path& path,
                          std::string_view suffix) {
  const JsonObject index = JsonObject::Read(path);
  const JsonObject map =
      index.Object("weight_map", index.where() + ": weight_map");
  const std::vector<std::string> tensors = map.Keys();
  if (tensors.size() > kMaxTensors) {
    throw Error(index.where() + ": want at most " +
                std::to_string(kMaxTensors) + " tensors, found " +
                std::to_string(tensors.size()));
  }
  ShardIndex result{.name = index.where(), .shards = {}, .shard_of = {}};
  std::set<std::string> shards;
  for (const std::string& tensor : tensors) {
    CheckTensorName(index.where(), tensor);
    const std::string shard = map.String(tensor);
    if (!IsPlainShardName(shard, suffix)) {
      map.Fail(tensor, "a plain file name ending in " + std::string(suffix));
    }
    shards.insert(shard);
    result.shard_of.emplace(tensor, shard);
  }
  if (shards.size() > kMaxShards) {
    throw Error(index.where() + ": want at most " + std::to_string(kMaxShards) +
                " shards, found " + std::to_string(shards.size()));
  }
  result.shards.assign(shards.begin(), shards.end());
  return result;
}

}  // namespace tessera::models
