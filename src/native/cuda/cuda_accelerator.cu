// A GPU through the CUDA runtime: memory, copies, events, and the programs of block.hpp as kernels. What is computed is in the programs.
#include <cuda_runtime.h>

#include <array>

#include "accelerator.hpp"
#include "cuda_status.hpp"
#include "tomo/cuda_info.hpp"

namespace tomo {
namespace {

/// One block on a GPU; see HostBlock.
struct GpuBlock {
  template <typename T>
  struct PerThread {
    T value;
    TOMO_BOTH T& operator[](int) { return value; }
  };

  int64_t x, y, z;

  template <typename Phase>
  TOMO_BOTH void each(Phase&& phase) const {
#ifdef __CUDA_ARCH__
    phase(static_cast<int>(threadIdx.x));
    __syncthreads();
#else
    phase(0);
#endif
  }
};

template <typename Kind>
__global__ void __launch_bounds__(Kind::threads) runOnGpu(const Kind program) {
  __shared__ typename Kind::Shared shared;
  GpuBlock block{static_cast<int64_t>(blockIdx.x), static_cast<int64_t>(blockIdx.y), static_cast<int64_t>(blockIdx.z)};
  program.run(block, shared);
}

class CudaAccelerator final : public Accelerator {
 public:
  explicit CudaAccelerator(int index) : index_(index), name_("cuda:" + std::to_string(index)) {}
  ~CudaAccelerator() override {
    if (!enter().ok()) return;
    for (const cudaEvent_t event : events_) {
      if (event != nullptr) cudaEventDestroy(event);
    }
    for (const cudaStream_t stream : streams_) {
      if (stream != nullptr) cudaStreamDestroy(stream);
    }
  }
  CudaAccelerator(const CudaAccelerator&) = delete;
  CudaAccelerator& operator=(const CudaAccelerator&) = delete;

  Status start() {
    if (Status status = enter(); !status.ok()) return status;
    // A GPU that this build has no code for says so now, not in the middle of a run.
    cudaFuncAttributes attributes{};
    if (Status status = cudaStatus(cudaFuncGetAttributes(&attributes, runOnGpu<FillProgram>), "loading the GPU's code"); !status.ok()) return status;
    // What is copied waits for kernels least: their blocks make way for the few that lay out a chunk.
    int least = 0, greatest = 0;
    if (Status status = cudaStatus(cudaDeviceGetStreamPriorityRange(&least, &greatest), "starting the GPU"); !status.ok()) return status;
    for (size_t queue = 0; queue < streams_.size(); ++queue) {
      const int priority = static_cast<Queue>(queue) == Queue::copy ? greatest : least;
      if (Status status = cudaStatus(cudaStreamCreateWithPriority(&streams_[queue], cudaStreamNonBlocking, priority), "starting the GPU"); !status.ok()) return status;
    }
    for (cudaEvent_t& event : events_) {
      if (Status status = cudaStatus(cudaEventCreateWithFlags(&event, cudaEventDisableTiming | cudaEventBlockingSync), "starting the GPU"); !status.ok()) return status;
    }
    return Status::good();
  }

  const std::string& name() const override { return name_; }
  Status enter() override { return cudaStatus(cudaSetDevice(index_), "choosing the GPU"); }

  Result<AcceleratorMemory> memory() override {
    size_t free = 0, total = 0;
    if (Status status = cudaStatus(cudaMemGetInfo(&free, &total), "asking for free memory"); !status.ok()) return status;
    return AcceleratorMemory{static_cast<int64_t>(free), static_cast<int64_t>(total)};
  }

  Result<void*> allocate(int64_t bytes, const char* doing) override {
    void* memory = nullptr;
    if (Status status = cudaStatus(cudaMalloc(&memory, static_cast<size_t>(bytes)), doing); !status.ok()) return status;
    return memory;
  }
  void release(void* memory) override { cudaFree(memory); }
  Result<void*> allocatePinned(int64_t bytes) override {
    void* memory = nullptr;
    const cudaError_t error = cudaHostAlloc(&memory, static_cast<size_t>(bytes), cudaHostAllocDefault);
    if (error == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      return Status::fail(ErrorCode::outOfMemory, "The computer's memory is full while making room for copies to the GPU (" + std::to_string(bytes >> 20) + " MiB). Close other programs, or raise the memory limit of the run.");
    }
    if (Status status = cudaStatus(error, "making room for copies in the computer's memory"); !status.ok()) return status;
    return memory;
  }
  void releasePinned(void* memory) override { cudaFreeHost(memory); }

  Status copyIn(Queue queue, void* device, const void* pinned, int64_t bytes) override { return copy(queue, device, pinned, bytes, cudaMemcpyHostToDevice, "copying to the GPU"); }
  Status copyOut(Queue queue, void* pinned, const void* device, int64_t bytes) override { return copy(queue, pinned, device, bytes, cudaMemcpyDeviceToHost, "copying from the GPU"); }
  Status copyWithin(Queue queue, void* target, const void* source, int64_t bytes) override { return copy(queue, target, source, bytes, cudaMemcpyDeviceToDevice, "copying on the GPU"); }

  Status launch(Queue queue, const Program& program) override {
    return std::visit([this, queue](const auto& kind) { return start(queue, kind); }, program);
  }

  Status record(Event event, Queue queue) override { return cudaStatus(cudaEventRecord(eventOf(event), streamOf(queue)), "ordering work on the GPU"); }
  Status wait(Queue queue, Event event) override { return cudaStatus(cudaStreamWaitEvent(streamOf(queue), eventOf(event), 0), "ordering work on the GPU"); }
  Status waitOnHost(Event event) override { return cudaStatus(cudaEventSynchronize(eventOf(event)), "computing"); }
  Status synchronise() override {
    for (const cudaStream_t stream : streams_) {
      if (Status status = cudaStatus(cudaStreamSynchronize(stream), "computing"); !status.ok()) return status;
    }
    return Status::good();
  }

 private:
  cudaStream_t streamOf(Queue queue) const { return streams_[static_cast<size_t>(queue)]; }
  cudaEvent_t eventOf(Event event) const { return events_[static_cast<size_t>(event)]; }

  Status copy(Queue queue, void* target, const void* source, int64_t bytes, cudaMemcpyKind kind, const char* doing) const {
    return cudaStatus(cudaMemcpyAsync(target, source, static_cast<size_t>(bytes), kind, streamOf(queue)), doing);
  }

  template <typename Kind>
  Status start(Queue queue, const Kind& program) const {
    // Within what every GPU gives a block without asking for more.
    static_assert(sizeof(typename Kind::Shared) <= 48 * 1024);
    static_assert(sizeof(Kind) <= 4096);
    const Grid grid = program.grid();
    if (grid.x <= 0 || grid.y <= 0 || grid.z <= 0) return Status::good();
    constexpr int64_t mostGridX = (int64_t{1} << 31) - 1;
    if (grid.x > mostGridX || grid.y > mostGridYZ || grid.z > mostGridYZ) return Status::fail(ErrorCode::unsupported, "A step is larger than a GPU launch can count. Use device cpu.");
    runOnGpu<Kind><<<dim3(static_cast<unsigned>(grid.x), static_cast<unsigned>(grid.y), static_cast<unsigned>(grid.z)), Kind::threads, 0, streamOf(queue)>>>(program);
    return cudaStatus(cudaGetLastError(), "starting a step on the GPU");
  }

  int index_;
  std::string name_;
  std::array<cudaStream_t, 2> streams_{};
  std::array<cudaEvent_t, static_cast<size_t>(Event::count)> events_{};
};

}  // namespace

Result<std::unique_ptr<Accelerator>> makeCudaAccelerator(int index) {
  const CudaInfo info = cudaInfo();
  if (info.devices.empty()) return Status::fail(ErrorCode::unsupported, info.reason + " Use device cpu.");
  bool listed = false;
  for (const CudaDevice& device : info.devices) listed = listed || device.index == index;
  if (!listed) {
    return Status::fail(ErrorCode::unsupported, "No CUDA device " + std::to_string(index) + ": this machine has " + std::to_string(info.devices.size()) + ". Use another number or device cpu.");
  }
  auto accelerator = std::make_unique<CudaAccelerator>(index);
  if (Status status = accelerator->start(); !status.ok()) return status;
  return std::unique_ptr<Accelerator>(std::move(accelerator));
}

}  // namespace tomo
