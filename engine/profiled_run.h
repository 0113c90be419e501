// One worker's translation of texts, with what each operation took.
#ifndef TESSERA_ENGINE_PROFILED_RUN_H_
#define TESSERA_ENGINE_PROFILED_RUN_H_

#include <tessera/translator.h>

#include <cstddef>
#include <span>
#include <string>

#include "kernels/profile.h"

namespace tessera::engine {

struct ProfiledRun {
  kernels::Profile profile;
  kernels::Profile::Clock::time_point begin;
  kernels::Profile::Clock::time_point end;
  std::size_t sentences = 0;
  std::size_t tokens = 0;  // of the best outputs, their ends included
  std::size_t failed = 0;  // texts that could not be translated ...
  std::string error;       // ... and why, of the first

  double seconds() const {
    return std::chrono::duration<double>(end - begin).count();
  }
};

// Translates the texts as a thread of the translator would, on the calling
// thread: after a batch that warms up, all of them. Throws Error for options
// out of range.
ProfiledRun RunProfiled(const Translator& translator,
                        std::span<const std::string> texts,
                        const TranslateOptions& options);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_PROFILED_RUN_H_
