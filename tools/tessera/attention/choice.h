// Which attention, layer and head to show.
#ifndef TESSERA_TOOLS_TESSERA_ATTENTION_CHOICE_H_
#define TESSERA_TOOLS_TESSERA_ATTENTION_CHOICE_H_

#include <tessera/attention_report.h>

#include <cstddef>
#include <optional>
#include <string>

namespace tessera::tools {

// Numbers are those that people count by: the first is 1.
struct AttentionChoice {
  std::optional<std::string> attention;  // "cross", "encoder" or "decoder"
  std::optional<std::size_t> layer;
  std::optional<std::size_t> head;
};

// What a translation is to be shown as.
struct ShownTranslation {
  std::string model;  // its folder's name
  std::string text;
  AttentionReport report;
};

// The attention of a name. Requires one of the three above.
const AttentionTable& TableOf(const AttentionReport& report,
                              const std::string& attention);

// Throws Error, naming the option, for a layer or head that a chosen attention
// lacks. All three are chosen where none is named.
void Check(const AttentionChoice& choice, const AttentionReport& report);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_ATTENTION_CHOICE_H_
