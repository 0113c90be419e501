// The trial of one thread against many.
#include "engine/worker/lending_trial.h"

#include <algorithm>

namespace tessera::engine {

void LendingTrial::Record(bool lent, Duration duration) {
  if (InTrial()) {
    if (!lent) return;
    (Uses() ? wide_ : narrow_) += duration;
    if (++steps_ == kTrialSteps) Decide();
    return;
  }
  if (++steps_ < kTrialSteps + hold_) return;
  steps_ = 0;
  narrow_ = wide_ = {};
}

void LendingTrial::Decide() {
  pays_ = 5 * wide_ < 4 * narrow_;
  hold_ = pays_ ? kFirstHold : std::min(2 * hold_, kLongestHold);
}

}  // namespace tessera::engine
