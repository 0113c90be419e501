// Texts in, translations out in the same order, in bounded memory.
//
//   tessera::Stream stream(translator);
//   for (std::string line; std::getline(std::cin, line);) {
//     if (stream.full()) Print(*stream.Next());
//     stream.Push(line);
//     while (const auto finished = stream.TryNext()) Print(*finished);
//   }
//   stream.Close();
//   while (const auto finished = stream.Next()) Print(*finished);
#ifndef TESSERA_STREAM_H_
#define TESSERA_STREAM_H_

#include <tessera/export.h>
#include <tessera/options.h>
#include <tessera/translation.h>
#include <tessera/translator.h>

#include <memory>
#include <optional>
#include <string>

namespace tessera {

// A window of texts: those pushed and not yet taken out, four batches for each
// of the translator's threads, or fewer of together more than 16 MiB. One is in
// the decoder and one waits for it; two are for finished ones behind a slow
// one. Any number of threads may push and take out at the same time.
class TESSERA_API Stream {
 public:
  // Throws Error for options out of range. The translator must outlive the last
  // Push.
  explicit Stream(const Translator& translator,
                  const TranslateOptions& options = {});
  // Cancels what has not been taken out, without waiting for it.
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Hands in a text, to be translated by the stream's options or by its own.
  // While the window is full it waits for another thread to take one out; a
  // thread that does both asks full() first. Throws Error after Close, and for
  // options out of range.
  void Push(std::string text);
  void Push(std::string text, const TranslateOptions& options);
  bool full() const;

  // Says that no more texts come.
  void Close();

  // The translation of the oldest text, which leaves the window. Next waits for
  // it; it gives nullopt once the stream is closed and all have been taken out.
  // TryNext gives nullopt if there is none yet.
  std::optional<Translation> Next();
  std::optional<Translation> TryNext();

 private:
  struct State;
  // Whether options are the stream's own: none.
  void PushResolved(std::string text, const TranslateOptions* options);

  std::shared_ptr<State> state_;
};

}  // namespace tessera

#endif  // TESSERA_STREAM_H_
