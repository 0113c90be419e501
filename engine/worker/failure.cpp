// Messages of exceptions.
#include "engine/worker/failure.h"

#include <new>

namespace tessera::engine {

std::string Message(const std::exception_ptr& error) noexcept try {
  std::rethrow_exception(error);
} catch (const std::bad_alloc&) {
  return "out of memory";  // short enough to need no memory
} catch (const std::exception& exception) {
  try {
    return exception.what();
  } catch (...) {
    return "out of memory";
  }
} catch (...) {
  return "unknown error";
}

}  // namespace tessera::engine
