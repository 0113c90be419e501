// What a caller lends to operations: threads and the memory they work in.
#ifndef TESSERA_KERNELS_CONTEXT_H_
#define TESSERA_KERNELS_CONTEXT_H_

#include <cstddef>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/thread_team.h"

namespace tessera::kernels {

class Profile;  // kernels/profile.h

// What a caller lends to the operations it runs: a number of threads and a
// scratch buffer for each. One context serves one calling thread at a time.
class ExecContext {
 public:
  // Starts the threads. Throws std::system_error if there are none.
  explicit ExecContext(std::size_t threads = 1)
      : team_(threads), scratch_(team_.threads()) {}

  std::size_t threads() const { return team_.threads(); }
  ThreadTeam& team() { return team_; }

  // Where operations report themselves; nullptr: nowhere.
  Profile* profile() const { return profile_; }
  void set_profile(Profile* profile) { profile_ = profile; }

  // Makes room for `floats` f32 of scratch a thread, not initialised. Contents
  // are lost when it grows; steady state allocates nothing. Throws
  // std::bad_alloc.
  void ReserveScratch(std::size_t floats) {
    for (AlignedBuffer<float>& buffer : scratch_) {
      if (buffer.size() < floats) {
        buffer = AlignedBuffer<float>(floats, kUninitialised);
      }
    }
  }
  float* Scratch(std::size_t thread) { return scratch_[thread].data(); }

  // `floats` f32 for what a caller computes out of several operations, not
  // initialised; valid until the next call of Work. Throws std::bad_alloc.
  float* Work(std::size_t floats) {
    if (work_.size() < floats) {
      work_ = {};  // first, so that both are never held at once
      work_ = AlignedBuffer<float>(floats, kUninitialised);
    }
    return work_.data();
  }

  // At least `count` elements that all threads see, not initialised, in one of
  // the slots that an operation numbers as it likes; contents are lost when it
  // grows, and when another operation runs. Throws std::bad_alloc.
  template <class T>
  T* Shared(std::size_t slot, std::size_t count) {
    AlignedBuffer<std::byte>& buffer = shared_[slot];
    const std::size_t bytes = count * sizeof(T);
    if (buffer.size() < bytes) {
      buffer = AlignedBuffer<std::byte>(bytes, kUninitialised);
    }
    return reinterpret_cast<T*>(buffer.data());
  }

 private:
  static constexpr std::size_t kSharedSlots = 4;

  ThreadTeam team_;
  Profile* profile_ = nullptr;
  AlignedBuffer<float> work_;
  AlignedBuffer<std::byte> shared_[kSharedSlots];
  std::vector<AlignedBuffer<float>> scratch_;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_CONTEXT_H_
