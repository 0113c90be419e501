// A library to preload: from the FAIL_FROM-th thread on the system has none.
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>

extern "C" int pthread_create(pthread_t* thread,
                              const pthread_attr_t* attributes,
                              void* (*start)(void*), void* argument) noexcept {
  static std::atomic<int> threads = 0;
  using Create =
      int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static Create* const create =
      reinterpret_cast<Create*>(dlsym(RTLD_NEXT, "pthread_create"));
  const char* const from = std::getenv("FAIL_FROM");
  if (from != nullptr && ++threads >= std::atoi(from)) return EAGAIN;
  return create(thread, attributes, start, argument);
}
