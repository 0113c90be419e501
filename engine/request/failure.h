// What went wrong with a text, as an exception and as its result.
#ifndef TESSERA_ENGINE_REQUEST_FAILURE_H_
#define TESSERA_ENGINE_REQUEST_FAILURE_H_

#include <tessera/error.h>
#include <tessera/translation.h>

#include <exception>
#include <string>

namespace tessera::engine {

// An Error that is the text's own fault, or its caller's wish.
class TextError : public Error {
 public:
  TextError(ErrorKind kind, const std::string& message)
      : Error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// A failed translation with the message of an exception. Its kind: of a
// TextError the error's own; kResources for std::bad_alloc ("out of memory")
// and std::system_error; kInternal for all others.
Translation FailureOf(const std::exception_ptr& error) noexcept;

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_FAILURE_H_
