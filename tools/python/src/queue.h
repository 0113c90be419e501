// Texts handed in and translations taken out in the order they are finished:
// what lists, streams and coroutines wait with.
#ifndef TESSERA_TOOLS_PYTHON_SRC_QUEUE_H_
#define TESSERA_TOOLS_PYTHON_SRC_QUEUE_H_

#include <sys/types.h>
#include <tessera/options.h>
#include <tessera/translation.h>
#include <tessera/translator.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/python/src/handle.h"

namespace tessera::python {

using Finished = std::pair<std::uint64_t, Translation>;
using Grown = std::pair<std::uint64_t, std::string>;

// Of what a queue tells: the end alone, or the text as it grows, too.
enum class Tells { kEnd, kGrowth };

// Workers never touch Python: they leave translations here and make fileno()
// readable, so no thread but the caller's needs the GIL. Every method is called
// with the GIL held.
class Queue {
 public:
  explicit Queue(const Handle& handle);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Hands in a text: the number of its translation, counted from 0. Throws
  // Error for options out of range.
  std::uint64_t Submit(std::string text, const TranslateOptions& options,
                       Tells tells = Tells::kEnd);

  // Gives up a text that is not finished: its translation says so.
  void Cancel(std::uint64_t number);

  // Cancels what is not finished, without waiting for it, and takes no more.
  void Close();
  static void CloseAll();

  // What is finished. TakeSome waits for one at least, if any is under way;
  // TakeUntil for that one, TakeAll for all. They throw on Ctrl-C, and then
  // nothing is taken. Throw Error in a process that was forked from the
  // queue's.
  std::vector<Finished> Take();
  std::vector<Finished> TakeSome();
  std::vector<Finished> TakeUntil(std::uint64_t number);
  std::vector<Finished> TakeAll();

  // By what texts have grown, in order, those that tell of it; all of a text by
  // the time it is finished. TakeGrownSome waits as TakeSome does, for growth.
  std::vector<Grown> TakeGrown();
  std::vector<Grown> TakeGrownSome();

  bool ready() const;  // whether Take would give any
  int fileno() const;  // readable while it would, or TakeGrown

 private:
  struct State;

  State& state() const;
  template <class Item, class Ready>
  std::vector<Item> TakeWhen(std::vector<Item> State::*items, Ready ready);

  pid_t process_;
  std::shared_ptr<const Translator> translator_;
  std::shared_ptr<State> state_;  // shared with the texts under way
};

}  // namespace tessera::python

#endif  // TESSERA_TOOLS_PYTHON_SRC_QUEUE_H_
