// A library to preload: the FAIL_AT-th call of the kind FAIL_CALL fails; at the
// end of main the file FAIL_COUNT, if named, gets their number. Counted from
// the beginning of main on. Another library to preload may stand behind this
// one: LeakSanitizer's.
//
//   allocation  malloc and its relatives give no memory, new throws
//   thread      pthread_create gives EAGAIN
//   read        read and pread give EIO
//   short       they give one byte
//   interrupt   they give EINTR
//   write       write gives EIO
//   mmap        mmap gives ENOMEM
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

enum class Call { kNone, kAllocation, kThread, kRead, kWrite, kMmap };

// Set once, by the only thread.
Call kind = Call::kNone;
long fail_at = 0;
int read_error = EIO;  // 0: a short read
std::atomic<long> calls = 0;

bool Fails(Call call) { return call == kind && ++calls == fail_at; }

template <class Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// Whether code is the C library's.
bool IsOfLibc(void* code) {
  Dl_info here{}, libc{};
  return kind != Call::kNone && dladdr(code, &here) != 0 &&
         dladdr(reinterpret_cast<void*>(strcmp), &libc) != 0 &&
         here.dli_fbase == libc.dli_fbase;
}

void Begin() {
  const char* const call = std::getenv("FAIL_CALL");
  const char* const at = std::getenv("FAIL_AT");
  if (call == nullptr || at == nullptr) return;
  fail_at = std::atol(at);
  constexpr struct {
    const char* name;
    Call call;
    int error;
  } kCalls[] = {{"allocation", Call::kAllocation, 0},
                {"thread", Call::kThread, 0},
                {"read", Call::kRead, EIO},
                {"short", Call::kRead, 0},
                {"interrupt", Call::kRead, EINTR},
                {"write", Call::kWrite, 0},
                {"mmap", Call::kMmap, 0}};
  for (const auto& known : kCalls) {
    if (strcmp(call, known.name) != 0) continue;
    read_error = known.error;
    kind = known.call;
  }
}

// Tells how many calls there were.
void End() {
  const char* const path = std::getenv("FAIL_COUNT");
  const Call counted = kind;
  kind = Call::kNone;
  if (path == nullptr || counted == Call::kNone) return;
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%ld\n", calls.load());
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return;
  if (write(file, text, static_cast<size_t>(size)) != size) abort();
  close(file);
}

// What main is for the C library.
int (*program_main)(int, char**, char**) = nullptr;

int Main(int argc, char** argv, char** environment) {
  Begin();
  const int code = program_main(argc, argv, environment);
  End();
  return code;
}

}  // namespace

extern "C" {

int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv,
                      void (*init)(), void (*fini)(), void (*rtld_fini)(),
                      void* stack_end) {
  program_main = main;
  using Start = int(int (*)(int, char**, char**), int, char**, void (*)(),
                    void (*)(), void (*)(), void*);
  return Next<Start>("__libc_start_main")(Main, argc, argv, init, fini,
                                          rtld_fini, stack_end);
}

void* malloc(size_t size) noexcept {
  static auto* const next = Next<void*(size_t)>("malloc");
  if (!Fails(Call::kAllocation)) return next(size);
  errno = ENOMEM;
  return nullptr;
}

void* calloc(size_t count, size_t size) noexcept {
  static auto* const next = Next<void*(size_t, size_t)>("calloc");
  // glibc ends the process where it cannot note the destructor of a
  // thread_local: such calls are not counted.
  if (IsOfLibc(__builtin_return_address(0)) || !Fails(Call::kAllocation)) {
    return next(count, size);
  }
  errno = ENOMEM;
  return nullptr;
}

void* realloc(void* block, size_t size) noexcept {
  static auto* const next = Next<void*(void*, size_t)>("realloc");
  // LeakSanitizer ends the process where glibc cannot tell a thread's stack.
  if (IsOfLibc(__builtin_return_address(0)) || !Fails(Call::kAllocation)) {
    return next(block, size);
  }
  errno = ENOMEM;
  return nullptr;
}

void* aligned_alloc(size_t alignment, size_t size) noexcept {
  static auto* const next = Next<void*(size_t, size_t)>("aligned_alloc");
  if (!Fails(Call::kAllocation)) return next(alignment, size);
  errno = ENOMEM;
  return nullptr;
}

int posix_memalign(void** block, size_t alignment, size_t size) noexcept {
  static auto* const next = Next<int(void**, size_t, size_t)>("posix_memalign");
  return Fails(Call::kAllocation) ? ENOMEM : next(block, alignment, size);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                   void* (*start)(void*), void* argument) noexcept {
  using Create =
      int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static Create* const create = Next<Create>("pthread_create");
  if (Fails(Call::kThread)) return EAGAIN;
  return create(thread, attributes, start, argument);
}

ssize_t read(int descriptor, void* bytes, size_t size) {
  using Read = ssize_t(int, void*, size_t);
  static Read* const next = Next<Read>("read");
  if (!Fails(Call::kRead)) return next(descriptor, bytes, size);
  if (read_error == 0) return next(descriptor, bytes, size > 0 ? 1 : 0);
  errno = read_error;
  return -1;
}

ssize_t pread(int descriptor, void* bytes, size_t size, off_t offset) {
  using Read = ssize_t(int, void*, size_t, off_t);
  static Read* const next = Next<Read>("pread");
  if (!Fails(Call::kRead)) return next(descriptor, bytes, size, offset);
  if (read_error == 0) return next(descriptor, bytes, size > 0 ? 1 : 0, offset);
  errno = read_error;
  return -1;
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  using Write = ssize_t(int, const void*, size_t);
  static Write* const next = Next<Write>("write");
  if (!Fails(Call::kWrite)) return next(descriptor, bytes, size);
  errno = EIO;
  return -1;
}

void* mmap(void* address, size_t size, int protection, int flags,
           int descriptor, off_t offset) noexcept {
  using Map = void*(void*, size_t, int, int, int, off_t);
  static Map* const next = Next<Map>("mmap");
  if (!Fails(Call::kMmap)) {
    return next(address, size, protection, flags, descriptor, offset);
  }
  errno = ENOMEM;
  return MAP_FAILED;
}

// The same under the names that other libraries call.
ssize_t pread64(int descriptor, void* bytes, size_t size, off_t offset) {
  return pread(descriptor, bytes, size, offset);
}

void* mmap64(void* address, size_t size, int protection, int flags,
             int descriptor, off_t offset) noexcept {
  return mmap(address, size, protection, flags, descriptor, offset);
}

}  // extern "C"

// LeakSanitizer's would not ask malloc, nor throw.
void* operator new(size_t size) {
  void* const block = malloc(size);
  return block != nullptr ? block : throw std::bad_alloc();
}

void* operator new(size_t size, std::align_val_t alignment) {
  const size_t unit = static_cast<size_t>(alignment);
  void* const block = aligned_alloc(unit, (size + unit - 1) / unit * unit);
  return block != nullptr ? block : throw std::bad_alloc();
}

void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return malloc(size);
}

void* operator new[](size_t size) { return operator new(size); }

void* operator new[](size_t size, std::align_val_t alignment) {
  return operator new(size, alignment);
}

void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return malloc(size);
}
