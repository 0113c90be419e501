// What the native endpoints read alike of a request.
#ifndef TESSERA_TOOLS_SERVE_NATIVE_REQUEST_H_
#define TESSERA_TOOLS_SERVE_NATIVE_REQUEST_H_

#include <chrono>
#include <memory>

#include "tools/serve/fields.h"
#include "tools/serve/service.h"

namespace tessera::tools::serve {

struct NativeRequest {
  const ServedModel* model = nullptr;
  TranslateOptions options = {};  // that the model has checked
  std::chrono::milliseconds time_limit{};
};

// Reads the model, by its name or by the languages, and the options of the
// library, by theirs, on top of `options`; other fields must have been taken.
// Throws Refused and Error.
NativeRequest ReadNativeRequest(const Service& service, Fields& fields,
                                TranslateOptions options = {});

// Throws Refused for a body that is not said to be JSON.
void RequireJson(const Request& request);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_NATIVE_REQUEST_H_
