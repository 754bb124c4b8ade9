// What the device of cuda/ needs from a GPU: memory, copies and programs on two queues, and events between them. cuda_accelerator.cu is the real one; the
// tests have one that runs the same programs on the host, with little memory and with work put off as long as its order allows.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "array_programs.hpp"
#include "tomo/error.hpp"

namespace tomo {

/// Work of one queue runs in the order it was given; between queues only events order it.
enum class Queue { compute, copy };

/// Marks a place in a queue; the numbers are those of the accelerator's own events.
enum class Event {
  slotFilled0, slotFilled1,  // a pinned slot's copy is over
  slabReady0, slabReady1,    // what a slab starts from is there
  slabDone0, slabDone1,      // a slab has been computed
  slabFree0, slabFree1,      // a slab's memory may be used for another
  blockReady0, blockReady1,  // the views of a block are there
  blockDone0, blockDone1,    // their memory may be used for another block
  count
};

/// The event `parity` (0 or 1) places after `first`.
inline Event eventAt(Event first, int64_t parity) { return static_cast<Event>(static_cast<int>(first) + static_cast<int>(parity % 2)); }

using Program = std::variant<LoadImageProgram, ForwardProgram, BackProgram<Basis::linear>, BackProgram<Basis::box>, RearrangeProgram, FillProgram, ClampProgram, DivideProgram,
                             CombineProgram, ReduceProgram, GatherTilesProgram, ScatterTileProgram>;

struct AcceleratorMemory {
  int64_t free = 0, total = 0;
};

class Accelerator {
 public:
  virtual ~Accelerator() = default;
  virtual const std::string& name() const = 0;
  /// To be called first by every thread that uses the accelerator.
  virtual Status enter() = 0;
  virtual Result<AcceleratorMemory> memory() = 0;

  /// Memory of the device; outOfMemory is its own code. `doing` completes "while ...".
  virtual Result<void*> allocate(int64_t bytes, const char* doing) = 0;
  virtual void release(void* memory) = 0;
  /// Memory of the host that copies can use while the host goes on.
  virtual Result<void*> allocatePinned(int64_t bytes) = 0;
  virtual void releasePinned(void* memory) = 0;

  virtual Status copyIn(Queue queue, void* device, const void* pinned, int64_t bytes) = 0;
  virtual Status copyOut(Queue queue, void* pinned, const void* device, int64_t bytes) = 0;
  virtual Status copyWithin(Queue queue, void* target, const void* source, int64_t bytes) = 0;
  virtual Status launch(Queue queue, const Program& program) = 0;

  /// The event happens when everything that is in the queue now is done.
  virtual Status record(Event event, Queue queue) = 0;
  /// What is given to the queue from now on waits for the event's last recording; at once where there was none.
  virtual Status wait(Queue queue, Event event) = 0;
  virtual Status waitOnHost(Event event) = 0;
  virtual Status synchronise() = 0;
};

/// The GPU `index`; cuda_accelerator.cu, or cuda_absent.cpp in builds without CUDA.
Result<std::unique_ptr<Accelerator>> makeCudaAccelerator(int index);

}  // namespace tomo
