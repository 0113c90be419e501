// Exceptions as messages of the sentences they concern.
#ifndef TESSERA_ENGINE_WORKER_FAILURE_H_
#define TESSERA_ENGINE_WORKER_FAILURE_H_

#include <exception>
#include <string>

namespace tessera::engine {

// The message of an exception; "out of memory" for std::bad_alloc.
std::string Message(const std::exception_ptr& error) noexcept;

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_FAILURE_H_
