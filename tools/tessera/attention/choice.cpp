// Checks of --layer and --head.
#include "tools/tessera/attention/choice.h"

#include <tessera/error.h>

namespace tessera::tools {
namespace {

void CheckRange(const char* option, std::optional<std::size_t> number,
                std::size_t count, const std::string& what) {
  if (!number || (*number >= 1 && *number <= count)) return;
  throw Error(std::string(option) + ": want 1 to " + std::to_string(count) +
              ", the " + what + ", found " + std::to_string(*number));
}

}  // namespace

const AttentionTable& TableOf(const AttentionReport& report,
                              const std::string& attention) {
  if (attention == "encoder") return report.encoder;
  return attention == "decoder" ? report.decoder : report.cross;
}

void Check(const AttentionChoice& choice, const AttentionReport& report) {
  for (const char* attention : {"encoder", "decoder", "cross"}) {
    if (choice.attention && *choice.attention != attention) continue;
    const AttentionTable& table = TableOf(report, attention);
    const std::string of = std::string(" of ") + attention + " attention";
    CheckRange("--layer", choice.layer, table.layers.size(), "layers" + of);
    CheckRange("--head", choice.head, table.heads, "heads" + of);
  }
}

}  // namespace tessera::tools
