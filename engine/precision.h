// What weights become for a precision.
#ifndef TESSERA_ENGINE_PRECISION_H_
#define TESSERA_ENGINE_PRECISION_H_

#include <tessera/options.h>

#include "kernels/views.h"

namespace tessera::engine {

struct WeightChoice {
  kernels::ElementType type;
  const char* reason;  // for people
};

WeightChoice WeightsOf(Precision precision) noexcept;

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_PRECISION_H_
