// Loading and letting go of models under the rules of processes.
#include "tools/python/src/handle.h"

#include <nanobind/nanobind.h>
#include <unistd.h>

#include <set>
#include <string>

#include "tools/python/src/released.h"

namespace tessera::python {
namespace {

// A forked child has the memory of a model, not its threads: to join them
// would wait for ever, so what the child inherited stays where it is.
struct Unload {
  pid_t process;
  void operator()(const Translator* translator) const {
    if (getpid() != process) return;
    const Released released;
    delete translator;
  }
};

std::shared_ptr<const Translator> Load(const std::filesystem::path& folder,
                                       const LoadOptions& options) {
  const Translator* translator = nullptr;
  {
    const Released released;
    translator = new Translator(folder, options);
  }
  return {translator, Unload{getpid()}};
}

std::set<Handle*>& Handles() {
  static std::set<Handle*> handles;
  return handles;
}

}  // namespace

Handle::Handle(const std::filesystem::path& folder, const LoadOptions& options)
    : process_(getpid()),
      batch_size_(options.batch_size),
      translator_(Load(folder, options)) {
  Handles().insert(this);
}

Handle::~Handle() { Handles().erase(this); }

void Handle::CloseAll() {
  for (Handle* handle : Handles()) handle->Close();
}

std::shared_ptr<const Translator> Handle::Get() const {
  if (closed()) throw Error("translator: want an open one, found it closed");
  if (getpid() != process_) {
    throw Error(
        "translator: this one was loaded in another process; load it after the "
        "fork, or start processes by spawn");
  }
  CheckRunning();
  return translator_;
}

}  // namespace tessera::python
