// Entry of the addon: what the machine offers, and the parts put together.
#include "edge.hpp"
#include "tomo/cuda_info.hpp"
#include "tomo/process.hpp"
#include "tomo/simd.hpp"

namespace tomo::edge {
namespace {

/// NATIVE_API_VERSION of api.ts.
constexpr int apiVersion = 1;

Napi::Value processMemoryCall(const Napi::CallbackInfo& info) {
  const ProcessMemory memory = processMemory();
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("residentMiB", memory.residentMiB);
  result.Set("peakResidentMiB", memory.peakResidentMiB);
  result.Set("virtualMiB", memory.virtualMiB);
  return result;
}

Napi::Value deviceInfoCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const CudaInfo cuda = cudaInfo();
  Napi::Object result = Napi::Object::New(env);
  result.Set("cpuName", cpuName());
  result.Set("logicalCores", defaultThreads());
  result.Set("simd", simdName());
  result.Set("threadsDefault", defaultThreads());
  result.Set("cudaRuntime", cuda.runtime.empty() ? env.Null() : Napi::String::New(env, cuda.runtime).As<Napi::Value>());
  const Napi::Array devices = Napi::Array::New(env, cuda.devices.size());
  for (uint32_t n = 0; n < cuda.devices.size(); ++n) {
    Napi::Object device = Napi::Object::New(env);
    device.Set("index", cuda.devices[n].index);
    device.Set("name", cuda.devices[n].name);
    device.Set("totalMiB", cuda.devices[n].totalMiB);
    device.Set("freeMiB", cuda.devices[n].freeMiB);
    device.Set("computeCapability", cuda.devices[n].computeCapability);
    devices.Set(n, device);
  }
  result.Set("cuda", devices);
  result.Set("cudaReason", cuda.reason.empty() ? env.Null() : Napi::String::New(env, cuda.reason).As<Napi::Value>());
  return result;
}

}  // namespace

void addMachine(Napi::Env env, Napi::Object exports) {
  exports.Set("apiVersion", apiVersion);
  exports.Set("setErrorClass", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    if (info[0].IsFunction()) info.Env().GetInstanceData<AddonData>()->errorClass = Napi::Persistent(info[0].As<Napi::Function>());
  }));
  exports.Set("processMemory", Napi::Function::New<processMemoryCall>(env));
  exports.Set("resetPeakMemory", Napi::Function::New(env, [](const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), resetPeakMemory()); }));
  exports.Set("deviceInfo", Napi::Function::New<deviceInfoCall>(env));
}

}  // namespace tomo::edge

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new tomo::edge::AddonData());
  tomo::edge::addArrays(env, exports);
  tomo::edge::addProjector(env, exports);
  tomo::edge::addVectorOps(env, exports);
  tomo::edge::addTiles(env, exports);
  tomo::edge::addMachine(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(tomo_native, initialize)
