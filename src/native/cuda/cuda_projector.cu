// Forward and back projection on a GPU: launches of the functions in gather_kernels.hpp, and the memory they need. Arrays come from and go to the host
// with every call; views go through in groups that fit the GPU's memory, the volume must fit as a whole.
#include <cuda_runtime.h>

#include <algorithm>

#include "cuda_status.hpp"
#include "tomo/cuda_info.hpp"
#include "tomo/gather_kernels.hpp"

namespace tomo {
namespace {

constexpr int threadsPerBlock = 128;

/// Where an element of the host's layout lies in the one the kernels use, for volumes (p,q,l) and images (c,r).
struct Layout {
  int64_t first, strideSlow, strideMiddle, strideFast;  // of the host's element for slow, middle and fast index
  int countMiddle, countFast;
  int64_t length;
};

__global__ void toDevice(Layout layout, const float* host, float* device) {
  for (int64_t n = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; n < layout.length; n += static_cast<int64_t>(gridDim.x) * blockDim.x) {
    const int64_t fast = n % layout.countFast, middle = n / layout.countFast % layout.countMiddle, slow = n / layout.countFast / layout.countMiddle;
    device[n] = host[layout.first + slow * layout.strideSlow + middle * layout.strideMiddle + fast * layout.strideFast];
  }
}

__global__ void addFromDevice(Layout layout, const float* device, float* host) {
  for (int64_t n = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; n < layout.length; n += static_cast<int64_t>(gridDim.x) * blockDim.x) {
    const int64_t fast = n % layout.countFast, middle = n / layout.countFast % layout.countMiddle, slow = n / layout.countFast / layout.countMiddle;
    host[layout.first + slow * layout.strideSlow + middle * layout.strideMiddle + fast * layout.strideFast] += device[n];
  }
}

/// One thread a pixel; neighbours share a column of pixels and so the voxels they read. Writes in the host's layout.
__global__ void projectView(GatherView view, Layout image, const float* volume, const float* measured, float* sinogram) {
  const int r = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x), c = static_cast<int>(blockIdx.y);
  if (r >= view.countR) return;
  const int64_t at = image.first + c * image.strideMiddle + r * image.strideFast;
  const float value = forwardPixel(view, volume, r, c);
  sinogram[at] = measured != nullptr ? value - measured[at] : value;
}

__global__ void scaleImage(GatherView view, float* image) {
  const int r = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x), c = static_cast<int>(blockIdx.y);
  if (r < view.countR) image[static_cast<int64_t>(c) * view.countR + r] *= rayLength(view, static_cast<float>(r), static_cast<float>(c));
}

/// One block a column of voxels: its lines first, into shared memory, then its voxels.
__global__ void gatherView(GatherView view, const float* image, float* volume) {
  extern __shared__ float lines[];
  const int p = static_cast<int>(blockIdx.x), q = static_cast<int>(blockIdx.y);
  const ColumnFootprint<float> column = makeColumn<float>(view, static_cast<float>(p), static_cast<float>(q), Basis::linear);
  for (int r = static_cast<int>(threadIdx.x); r < view.countR; r += static_cast<int>(blockDim.x)) lines[r] = gatherLine(view, column, image, r);
  __syncthreads();
  float* voxels = volume + (static_cast<int64_t>(q) * view.countP + p) * view.countL;
  for (int l = static_cast<int>(threadIdx.x); l < view.countL; l += static_cast<int>(blockDim.x)) voxels[l] += gatherVoxel(view, column, lines, l);
}

/// Device memory with an owner.
class DeviceFloats {
 public:
  DeviceFloats() = default;
  DeviceFloats(const DeviceFloats&) = delete;
  DeviceFloats& operator=(const DeviceFloats&) = delete;
  ~DeviceFloats() { cudaFree(data_); }
  Status allocate(int64_t length, const char* doing) { return cudaStatus(cudaMalloc(&data_, static_cast<size_t>(length) * sizeof(float)), doing); }
  float* get() const { return data_; }

 private:
  float* data_ = nullptr;
};

int blocksFor(int64_t length) { return static_cast<int>(std::clamp<int64_t>((length + threadsPerBlock - 1) / threadsPerBlock, 1, 65535)); }

Status checkLaunch(const char* doing) { return cudaStatus(cudaGetLastError(), doing); }

Status upload(float* device, const float* host, int64_t length) {
  return cudaStatus(cudaMemcpy(device, host, static_cast<size_t>(length) * sizeof(float), cudaMemcpyHostToDevice), "copying to the GPU");
}

Status download(float* host, const float* device, int64_t length) {
  return cudaStatus(cudaMemcpy(host, device, static_cast<size_t>(length) * sizeof(float), cudaMemcpyDeviceToHost), "copying from the GPU");
}

class CudaProjector final : public Projector {
 public:
  CudaProjector(const ScanGeometry& geometry, int device) : geometry_(geometry), device_(device) {
    for (int64_t view = 0; view < geometry.views(); ++view) frames_.push_back(makeViewFrame(geometry, view));
  }

  Status forward(const float* volume, const float* measured, float* sinogram, const CallControl& control) const override {
    DeviceFloats host, columns, pixels, data;
    int64_t group = 0;
    if (Status status = prepare(host, columns, pixels, measured != nullptr ? &data : nullptr, group); !status.ok()) return status;
    if (Status status = upload(host.get(), volume, geometry_.voxels()); !status.ok()) return status;
    control.expect(geometry_.views());
    int ready = -1;  // line axis that `columns` is laid out for
    for (int64_t first = 0; first < geometry_.views(); first += group) {
      const int64_t count = std::min(group, geometry_.views() - first), length = count * geometry_.pixelsPerView();
      if (measured != nullptr) {
        if (Status status = upload(data.get(), measured + first * geometry_.pixelsPerView(), length); !status.ok()) return status;
      }
      for (int64_t n = 0; n < count; ++n) {
        if (control.cancelled()) return Status::cancelledCall();
        const ViewFrame& frame = frames_[static_cast<size_t>(first + n)];
        if (frame.lineAxis != ready) toDevice<<<blocksFor(geometry_.voxels()), threadsPerBlock>>>(volumeLayout(frame), host.get(), columns.get());
        ready = frame.lineAxis;
        const int64_t offset = n * geometry_.pixelsPerView();
        projectView<<<gridOf(frame), threadsPerBlock>>>(makeGatherView(frame), imageLayout(frame), columns.get(), measured != nullptr ? data.get() + offset : nullptr, pixels.get() + offset);
        if (Status status = checkLaunch("projecting"); !status.ok()) return status;
      }
      if (Status status = download(sinogram + first * geometry_.pixelsPerView(), pixels.get(), length); !status.ok()) return status;
      control.advance(count);
    }
    return Status::good();
  }

  Status back(const float* sinogram, float* volume, const CallControl& control) const override {
    DeviceFloats host, columns, pixels, image;
    int64_t group = 0;
    if (Status status = prepare(host, columns, pixels, nullptr, group); !status.ok()) return status;
    if (Status status = image.allocate(geometry_.pixelsPerView(), "making room for a view"); !status.ok()) return status;
    const size_t volumeBytes = static_cast<size_t>(geometry_.voxels()) * sizeof(float);
    if (Status status = cudaStatus(cudaMemset(host.get(), 0, volumeBytes), "clearing the volume"); !status.ok()) return status;
    control.expect(geometry_.views());
    // Views of one line axis after the other, so that the volume is laid out once for each.
    for (int axis = 2; axis >= 0; --axis) {
      const ViewFrame* any = nullptr;
      if (Status status = cudaStatus(cudaMemset(columns.get(), 0, volumeBytes), "clearing the volume"); !status.ok()) return status;
      for (int64_t first = 0; first < geometry_.views(); first += group) {
        const int64_t count = std::min(group, geometry_.views() - first);
        const auto begin = frames_.begin() + first;
        if (std::none_of(begin, begin + count, [axis](const ViewFrame& frame) { return frame.lineAxis == axis; })) continue;
        if (Status status = upload(pixels.get(), sinogram + first * geometry_.pixelsPerView(), count * geometry_.pixelsPerView()); !status.ok()) return status;
        for (int64_t n = 0; n < count; ++n) {
          const ViewFrame& frame = frames_[static_cast<size_t>(first + n)];
          if (frame.lineAxis != axis) continue;
          if (control.cancelled()) return Status::cancelledCall();
          any = &frame;
          const GatherView view = makeGatherView(frame);
          toDevice<<<blocksFor(geometry_.pixelsPerView()), threadsPerBlock>>>(imageLayout(frame), pixels.get() + n * geometry_.pixelsPerView(), image.get());
          scaleImage<<<gridOf(frame), threadsPerBlock>>>(view, image.get());
          const dim3 grid(static_cast<unsigned>(frame.countP), static_cast<unsigned>(frame.countQ));
          gatherView<<<grid, threadsPerBlock, static_cast<size_t>(frame.countR) * sizeof(float)>>>(view, image.get(), columns.get());
          if (Status status = checkLaunch("back projecting"); !status.ok()) return status;
          control.advance();
        }
      }
      if (any != nullptr) addFromDevice<<<blocksFor(geometry_.voxels()), threadsPerBlock>>>(volumeLayout(*any), columns.get(), host.get());
    }
    if (Status status = checkLaunch("back projecting"); !status.ok()) return status;
    return download(volume, host.get(), geometry_.voxels());
  }

  Status average(const ViewSource&, float*, const CallControl&) const override {
    return Status::fail(ErrorCode::unsupported, "FDK runs on the CPU only. Use device cpu for it.");
  }

 private:
  /// Memory for a volume in both layouts and for as many views as fit beside it.
  Status prepare(DeviceFloats& host, DeviceFloats& columns, DeviceFloats& pixels, DeviceFloats* measured, int64_t& group) const {
    if (Status status = cudaStatus(cudaSetDevice(device_), "choosing the GPU"); !status.ok()) return status;
    if (Status status = host.allocate(geometry_.voxels(), "making room for the volume"); !status.ok()) return status;
    if (Status status = columns.allocate(geometry_.voxels(), "making room for the volume"); !status.ok()) return status;
    size_t free = 0, total = 0;
    if (Status status = cudaStatus(cudaMemGetInfo(&free, &total), "asking for free memory"); !status.ok()) return status;
    const size_t perView = static_cast<size_t>(geometry_.pixelsPerView()) * sizeof(float) * (measured != nullptr ? 2 : 1);
    // A tenth of the rest stays free for the driver, a single view aside for back projection.
    group = std::clamp<int64_t>(static_cast<int64_t>(free / 10 * 9 / perView) - 1, 1, geometry_.views());
    if (Status status = pixels.allocate(group * geometry_.pixelsPerView(), "making room for views"); !status.ok()) return status;
    return measured != nullptr ? measured->allocate(group * geometry_.pixelsPerView(), "making room for views") : Status::good();
  }

  static Layout volumeLayout(const ViewFrame& frame) {
    return {0, frame.strideQ, frame.strideP, frame.strideL, static_cast<int>(frame.countP), static_cast<int>(frame.countL), frame.countP * frame.countQ * frame.countL};
  }
  static Layout imageLayout(const ViewFrame& frame) {
    return {frame.firstPixel, 0, frame.strideC, frame.strideR, static_cast<int>(frame.countC), static_cast<int>(frame.countR), frame.countC * frame.countR};
  }
  static dim3 gridOf(const ViewFrame& frame) {
    return dim3(static_cast<unsigned>((frame.countR + threadsPerBlock - 1) / threadsPerBlock), static_cast<unsigned>(frame.countC));
  }

  ScanGeometry geometry_;
  int device_;
  std::vector<ViewFrame> frames_;
};

}  // namespace

Result<std::unique_ptr<Projector>> makeCudaProjector(const ScanGeometry& geometry, int device) {
  const CudaInfo info = cudaInfo();
  if (info.devices.empty()) return Status::fail(ErrorCode::unsupported, "No CUDA device: " + info.reason + " Use device cpu.");
  if (std::none_of(info.devices.begin(), info.devices.end(), [device](const CudaDevice& candidate) { return candidate.index == device; })) {
    return Status::fail(ErrorCode::unsupported, "No CUDA device " + std::to_string(device) + ": this machine has " + std::to_string(info.devices.size()) + ". Use another number or device cpu.");
  }
  // Limits of a launch: columns of the detector and of the volume are block indices, a column's lines lie in shared memory.
  constexpr int64_t most = 65535, mostLines = 12288;
  if (std::max({geometry.volumeShape[0], geometry.volumeShape[1], geometry.volumeShape[2]}) > most || std::max(geometry.detectorRows, geometry.detectorColumns) > mostLines) {
    return Status::fail(ErrorCode::unsupported, "The volume or detector has an axis too long for the GPU. Use device cpu.");
  }
  return std::unique_ptr<Projector>(std::make_unique<CudaProjector>(geometry, device));
}

}  // namespace tomo
