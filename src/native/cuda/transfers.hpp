// Copies between the host's memory and a GPU through two pinned slots, so that the host fills or empties one while the other is on its way.
#pragma once

#include "accelerator.hpp"
#include "tomo/parallel.hpp"

namespace tomo {

/// What becomes of floats that come back: stored, added to what is there, or stored less another array.
enum class Arrival { set, add, less };

class Transfers {
 public:
  /// Floats of a slot.
  static constexpr int64_t slotFloats = int64_t{1} << 22;

  explicit Transfers(Accelerator& accelerator) : accelerator_(accelerator) {}
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  /// Puts the copies into the copy queue; returns when `source` has been read. `threads` copy on the host.
  Status upload(void* device, const void* source, int64_t bytes, const CallControl& control);
  /// Returns when the floats have arrived at `target`. `other` is for Arrival::less and may be the target.
  Status download(const float* device, float* target, int64_t count, Arrival arrival, const float* other, const CallControl& control);

 private:
  Status prepare();

  Accelerator& accelerator_;
  void* slots_[2] = {nullptr, nullptr};
  int64_t turn_ = 0;
};

}  // namespace tomo
