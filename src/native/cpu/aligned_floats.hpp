// Working memory of the projector: floats that start on a cache line, so that no vector load crosses one; not set to anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tomo/pages.hpp"

namespace tomo {

class AlignedFloats {
 public:
  AlignedFloats() = default;
  /// Throws std::bad_alloc where there is no room.
  explicit AlignedFloats(int64_t count) : floats_(take(bytesOf(count)), Release{bytesOf(count)}) {}

  float* data() const { return floats_.get(); }

 private:
  struct Release {
    size_t bytes;
    void operator()(float* floats) const { giveMemory(floats, bytes); }
  };
  static size_t bytesOf(int64_t count) { return static_cast<size_t>(count) * sizeof(float); }
  static float* take(size_t bytes) { return static_cast<float*>(takeMemory(bytes)); }

  std::unique_ptr<float, Release> floats_;
};

}  // namespace tomo
