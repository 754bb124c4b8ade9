// Pinned staging; see transfers.hpp.
#include "transfers.hpp"

#include <algorithm>
#include <cstring>

namespace tomo {
namespace {

// Pieces that are worth a thread.
constexpr int64_t grain = int64_t{1} << 18;

/// A copy must not be cut short by a cancellation: the call looks at that between steps.
CallControl uncounted(const CallControl& control) { return {control.threads, nullptr}; }

}  // namespace

Transfers::~Transfers() {
  for (void* slot : slots_) {
    if (slot != nullptr) accelerator_.releasePinned(slot);
  }
}

Status Transfers::prepare() {
  for (void*& slot : slots_) {
    if (slot != nullptr) continue;
    Result<void*> memory = accelerator_.allocatePinned(slotFloats * static_cast<int64_t>(sizeof(float)));
    if (!memory.ok()) return memory.status();
    slot = memory.value();
  }
  return Status::good();
}

Status Transfers::upload(void* device, const void* source, int64_t bytes, const CallControl& control) {
  if (Status status = prepare(); !status.ok()) return status;
  constexpr auto slotBytes = slotFloats * static_cast<int64_t>(sizeof(float));
  for (int64_t at = 0; at < bytes; at += slotBytes, ++turn_) {
    const int64_t count = std::min(slotBytes, bytes - at);
    const Event filled = eventAt(Event::slotFilled0, turn_);
    char* slot = static_cast<char*>(slots_[turn_ % 2]);
    // The copy that used this slot before is over.
    if (Status status = accelerator_.waitOnHost(filled); !status.ok()) return status;
    const char* from = static_cast<const char*>(source) + at;
    Status status = parallelRange(uncounted(control), 0, count, grain * static_cast<int64_t>(sizeof(float)), [&](int64_t first, int64_t last) { std::memcpy(slot + first, from + first, static_cast<size_t>(last - first)); });
    if (!status.ok()) return status;
    status = accelerator_.copyIn(Queue::copy, static_cast<char*>(device) + at, slot, count);
    if (!status.ok()) return status;
    if (status = accelerator_.record(filled, Queue::copy); !status.ok()) return status;
  }
  return Status::good();
}

Status Transfers::download(const float* device, float* target, int64_t count, Arrival arrival, const float* other, const CallControl& control) {
  if (Status status = prepare(); !status.ok()) return status;
  const int64_t pieces = piecesOf(count, slotFloats), first = turn_;
  for (int64_t piece = 0; piece <= pieces; ++piece) {
    if (piece < pieces) {
      const int64_t at = piece * slotFloats;
      const Event filled = eventAt(Event::slotFilled0, first + piece);
      Status status = accelerator_.waitOnHost(filled);
      if (status.ok()) status = accelerator_.copyOut(Queue::copy, slots_[(first + piece) % 2], device + at, std::min(slotFloats, count - at) * static_cast<int64_t>(sizeof(float)));
      if (status.ok()) status = accelerator_.record(filled, Queue::copy);
      if (!status.ok()) return status;
    }
    if (piece == 0) continue;
    // The piece before, while this one is on its way.
    const int64_t at = (piece - 1) * slotFloats, length = std::min(slotFloats, count - at);
    if (Status status = accelerator_.waitOnHost(eventAt(Event::slotFilled0, first + piece - 1)); !status.ok()) return status;
    const float* slot = static_cast<const float*>(slots_[(first + piece - 1) % 2]);
    Status status = parallelRange(uncounted(control), 0, length, grain, [&](int64_t from, int64_t to) {
      float* out = target + at;
      if (arrival == Arrival::set) {
        std::memcpy(out + from, slot + from, static_cast<size_t>(to - from) * sizeof(float));
      } else if (arrival == Arrival::add) {
        for (int64_t n = from; n < to; ++n) out[n] += slot[n];
      } else {
        for (int64_t n = from; n < to; ++n) out[n] = slot[n] - other[at + n];
      }
    });
    if (!status.ok()) return status;
  }
  turn_ = first + pieces;
  return Status::good();
}

}  // namespace tomo
