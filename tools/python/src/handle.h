// A loaded model as Python objects share it: closed once, kept by calls in
// flight, refused where a fork has left it without its threads.
#ifndef TESSERA_TOOLS_PYTHON_SRC_HANDLE_H_
#define TESSERA_TOOLS_PYTHON_SRC_HANDLE_H_

#include <sys/types.h>
#include <tessera/translator.h>

#include <cstddef>
#include <filesystem>
#include <memory>

namespace tessera::python {

// The GIL guards it: every method is called with the GIL held.
class Handle {
 public:
  // Loads a folder while other threads run Python. Throws Error.
  Handle(const std::filesystem::path& folder, const LoadOptions& options);
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  // The model, for one call, which keeps it even if it is closed meanwhile.
  // Throws Error if it is closed or belongs to another process.
  std::shared_ptr<const Translator> Get() const;

  // Calls in flight end first, those of other threads in those threads.
  void Close() { translator_.reset(); }
  static void CloseAll();
  bool closed() const { return translator_ == nullptr; }

  std::size_t batch_size() const { return batch_size_; }

 private:
  pid_t process_;
  std::size_t batch_size_;
  std::shared_ptr<const Translator> translator_;
};

}  // namespace tessera::python

#endif  // TESSERA_TOOLS_PYTHON_SRC_HANDLE_H_
