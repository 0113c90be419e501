// Exceptions as results.
#include "engine/request/failure.h"

#include <new>
#include <system_error>

namespace tessera::engine {
namespace {

Translation OutOfMemory() noexcept {
  // The message is short enough to need no memory.
  return {.error = "out of memory", .error_kind = ErrorKind::kResources};
}

Translation Failure(ErrorKind kind, const char* message) noexcept try {
  return {.error = message, .error_kind = kind};
} catch (const std::bad_alloc&) {
  return OutOfMemory();
}

}  // namespace

Translation FailureOf(const std::exception_ptr& error) noexcept try {
  std::rethrow_exception(error);
} catch (const std::bad_alloc&) {
  return OutOfMemory();
} catch (const TextError& exception) {
  return Failure(exception.kind(), exception.what());
} catch (const std::system_error& exception) {
  return Failure(ErrorKind::kResources, exception.what());
} catch (const std::exception& exception) {
  return Failure(ErrorKind::kInternal, exception.what());
} catch (...) {
  return Failure(ErrorKind::kInternal, "unknown error");
}

}  // namespace tessera::engine
