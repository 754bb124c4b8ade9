// Working memory of the projector: floats that start on a cache line, so that no vector load crosses one; not set to anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace tomo {

class AlignedFloats {
 public:
  AlignedFloats() = default;
  /// Throws std::bad_alloc where there is no room.
  explicit AlignedFloats(int64_t count) : floats_(static_cast<float*>(::operator new(static_cast<size_t>(count) * sizeof(float), alignment))) {}

  float* data() const { return floats_.get(); }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Release {
    void operator()(float* floats) const { ::operator delete(floats, alignment); }
  };
  std::unique_ptr<float, Release> floats_;
};

}  // namespace tomo
