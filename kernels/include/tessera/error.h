// The one exception type that callers of Tessera see.
#ifndef TESSERA_ERROR_H_
#define TESSERA_ERROR_H_

#include <tessera/export.h>

#include <stdexcept>

namespace tessera {

// A file, shape or option that cannot be used. what() says where, what was
// wanted and what was found, in one line:
//   model.safetensors: decoder.fc1.weight: want f32 [2048, 512], found ...
class TESSERA_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace tessera

#endif  // TESSERA_ERROR_H_
