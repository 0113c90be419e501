// Models and queues, and what the interpreter's end and a fork ask of them.
#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <tessera/translator.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <new>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/python/src/bind.h"
#include "tools/python/src/handle.h"
#include "tools/python/src/queue.h"
#include "tools/python/src/released.h"
#include "tools/python/src/texts.h"

namespace nb = nanobind;

namespace tessera::python {
namespace {

using Texts = nb::typed<nb::sequence, nb::str>;

std::vector<Translation> TranslateAll(const Handle& handle, const Texts& texts,
                                      const TranslateOptions& options) {
  handle.Get()->Check(options);  // of an empty list, too
  Queue queue(handle);
  for (const nb::handle text : texts) queue.Submit(Utf8(text), options);
  std::vector<Finished> finished = queue.TakeAll();
  std::vector<Translation> results(finished.size());
  for (auto& [number, result] : finished) results[number] = std::move(result);
  return results;
}

// Pairs of texts, or of a text and the ids of an output.
using Pairs =
    nb::typed<nb::sequence, nb::typed<nb::tuple, nb::str, nb::object>>;

// Another thread waits for the scores, and this one for it and for Ctrl-C,
// after which what has not begun is given up.
std::vector<Translation> ScoreAll(const Translator& translator,
                                  std::span<const ScorePair> pairs,
                                  const TranslateOptions& options) {
  std::stop_source stop;
  auto scores = std::async(std::launch::async, [&, token = stop.get_token()] {
    return translator.Score(pairs, options, token);
  });
  const auto ends_within = [&scores](std::chrono::milliseconds time) {
    const Released released;
    return scores.wait_for(time) == std::future_status::ready;
  };
  try {
    while (!ends_within(std::chrono::milliseconds(100))) CheckSignals();
  } catch (...) {
    stop.request_stop();
    const Released released;
    scores.wait();
    throw;
  }
  return scores.get();
}

std::vector<Translation> Score(const Handle& handle, const Pairs& pairs,
                               const TranslateOptions& options) {
  const std::shared_ptr<const Translator> translator = handle.Get();
  std::vector<ScorePair> made;
  for (const nb::handle pair : pairs) {
    const nb::object target = pair[1];
    if (nb::isinstance<nb::str>(target)) {
      made.push_back({.source = Utf8(pair[0]), .target = Utf8(target)});
    } else {
      made.push_back(
          {.source = Utf8(pair[0]),
           .target_ids = nb::cast<std::vector<std::int32_t>>(target)});
    }
  }
  return ScoreAll(*translator, made, options);
}

std::size_t CountTokens(const Handle& handle, nb::str text) {
  const std::shared_ptr<const Translator> translator = handle.Get();
  const std::string utf8 = Utf8(text);
  const Released released;
  return translator->CountTokens(utf8);
}

void BindQueue(nb::module_& module) {
  nb::class_<Queue>(module, "Queue")
      .def(nb::init<const Handle&>(), nb::arg("model"))
      .def(
          "submit",
          [](Queue& queue, nb::str text, const TranslateOptions& options) {
            return queue.Submit(Utf8(text), options);
          },
          nb::arg("text"), nb::arg("options"))
      .def(
          "submit_growing",
          [](Queue& queue, nb::str text, const TranslateOptions& options) {
            return queue.Submit(Utf8(text), options, Tells::kGrowth);
          },
          nb::arg("text"), nb::arg("options"))
      .def("cancel", &Queue::Cancel, nb::arg("number"))
      .def("take", &Queue::Take)
      .def("take_some", &Queue::TakeSome)
      .def("take_until", &Queue::TakeUntil, nb::arg("number"))
      .def("take_grown", &Queue::TakeGrown)
      .def("take_grown_some", &Queue::TakeGrownSome)
      .def("close", &Queue::Close)
      .def_prop_ro("ready", &Queue::ready)
      .def("fileno", &Queue::fileno);
}

}  // namespace

void BindHandle(nb::module_& module) {
  nb::class_<Handle>(module, "Model")
      .def(
          "__init__",
          // As os.fsencode gives it: a path need not be UTF-8.
          [](Handle* handle, nb::bytes folder, const LoadOptions& options) {
            new (handle) Handle(std::string_view(folder.c_str(), folder.size()),
                                options);
          },
          nb::arg("folder"), nb::arg("options"))
      .def("close", &Handle::Close)
      .def_prop_ro("closed", &Handle::closed)
      .def_prop_ro("info",
                   [](const Handle& handle) { return handle.Get()->info(); })
      .def_prop_ro("threads",
                   [](const Handle& handle) { return handle.Get()->threads(); })
      .def_prop_ro("batch_size", &Handle::batch_size)
      .def(
          "check",
          [](const Handle& handle, const TranslateOptions& options) {
            handle.Get()->Check(options);
          },
          nb::arg("options"))
      .def("count_tokens", CountTokens, nb::arg("text"))
      .def("score", Score, nb::arg("pairs"), nb::arg("options"))
      .def("translate_all", TranslateAll, nb::arg("texts"), nb::arg("options"));
  BindQueue(module);
  module.def(
      "shutdown",
      [](bool warn_of_leaks) {
        Shutdown();
        Queue::CloseAll();
        Handle::CloseAll();
        nb::set_leak_warnings(warn_of_leaks);
      },
      nb::arg("warn_of_leaks"));
  module.def("after_fork", AfterFork);
}

}  // namespace tessera::python
