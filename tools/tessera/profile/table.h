// A profile as tables: by operation and by layer.
#ifndef TESSERA_TOOLS_TESSERA_PROFILE_TABLE_H_
#define TESSERA_TOOLS_TESSERA_PROFILE_TABLE_H_

#include <string>

#include "engine/profiled_run.h"
#include "tools/tessera/profile/peaks.h"

namespace tessera::tools {

// Where an operation was, for people: "decoder 2", or "decoder" where it is in
// no layer; empty outside of the model. Layers count from 1.
std::string LayerName(const kernels::Profile::Scope& scope);

// Both tables add up to the time of the run: what is in no operation has a row
// of its own. "of peak" is Peaks::LeastSeconds over the time.
std::string ToTables(const engine::ProfiledRun& run, Peaks& peaks);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_PROFILE_TABLE_H_
