// A profile as a file that ui.perfetto.dev and chrome://tracing open.
#ifndef TESSERA_TOOLS_TESSERA_PROFILE_TRACE_H_
#define TESSERA_TOOLS_TESSERA_PROFILE_TRACE_H_

#include <string>

#include "engine/profiled_run.h"

namespace tessera::tools {

// In the Trace Event Format, an object with "traceEvents": a complete event
// ("ph": "X") for every operation, with its flops and bytes, within those of
// its block, layer and stack.
std::string ToTrace(const engine::ProfiledRun& run);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_PROFILE_TRACE_H_
