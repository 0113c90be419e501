// Spans of a profile, as they begin and end.
#include "kernels/profile.h"

#include <new>

namespace tessera::kernels {

void Profile::Begin(const char* operation, const Cost& cost) noexcept try {
  spans_.push_back({.operation = operation, .scope = scope_, .cost = cost});
  recording_ = true;
  spans_.back().begin = Clock::now();
} catch (const std::bad_alloc&) {
  ++lost_;
}

void Profile::End() noexcept {
  if (recording_) spans_.back().end = Clock::now();
  recording_ = false;
}

}  // namespace tessera::kernels
