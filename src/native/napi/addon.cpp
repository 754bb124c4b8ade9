// Entry of the addon: what the machine offers, and the parts put together.
#include <cmath>
#include <limits>

#include "edge.hpp"
#include "tomo/cuda_info.hpp"
#include "tomo/nvml.hpp"
#include "tomo/process.hpp"
#include "tomo/simd.hpp"

namespace tomo::edge {
namespace {

/// NATIVE_API_VERSION of api.ts.
constexpr int apiVersion = 4;

Napi::Value processMemoryCall(const Napi::CallbackInfo& info) {
  const ProcessMemory memory = processMemory();
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("residentMiB", memory.residentMiB);
  result.Set("peakResidentMiB", memory.peakResidentMiB);
  result.Set("virtualMiB", memory.virtualMiB);
  result.Set("privateMiB", memory.privateMiB);
  return result;
}

Napi::Value setMemoryLimitCall(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const double mebibytes = info[0].IsNull() ? std::numeric_limits<double>::infinity() : numberOf(info[0], "memory limit");
    return Napi::Boolean::New(info.Env(), setPrivateMemoryLimit(mebibytes));
  });
}

Napi::Value processUsageCall(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const auto usage = processUsage(integerOf(info[0], "process number", 1, std::numeric_limits<int32_t>::max()));
    if (!usage) return info.Env().Null();
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("residentMiB", usage->residentMiB);
    result.Set("peakResidentMiB", usage->peakResidentMiB);
    result.Set("cpuSeconds", usage->cpuSeconds);
    result.Set("diskReadMiB", usage->diskReadMiB);
    result.Set("diskWrittenMiB", usage->diskWrittenMiB);
    return result;
  });
}

Napi::Value readGpusCall(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const GpuReadings readings = readGpus(info[0].IsString() ? textOf(info[0], "library") : std::string());
    Napi::Object result = Napi::Object::New(env);
    const Napi::Array devices = Napi::Array::New(env, readings.devices.size());
    const auto known = [env](double value) { return std::isnan(value) ? env.Null() : Napi::Number::New(env, value).As<Napi::Value>(); };
    for (uint32_t n = 0; n < readings.devices.size(); ++n) {
      Napi::Object device = Napi::Object::New(env);
      device.Set("usedMiB", known(readings.devices[n].usedMiB));
      device.Set("totalMiB", known(readings.devices[n].totalMiB));
      device.Set("utilisationPercent", known(readings.devices[n].utilisationPercent));
      device.Set("powerWatt", known(readings.devices[n].powerWatt));
      device.Set("temperatureCelsius", known(readings.devices[n].temperatureCelsius));
      devices.Set(n, device);
    }
    result.Set("devices", devices);
    result.Set("reason", readings.reason.empty() ? env.Null() : Napi::String::New(env, readings.reason).As<Napi::Value>());
    return result;
  });
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
  exports.Set("setMemoryLimit", Napi::Function::New<setMemoryLimitCall>(env));
  exports.Set("processUsage", Napi::Function::New<processUsageCall>(env));
  exports.Set("readGpus", Napi::Function::New<readGpusCall>(env));
  exports.Set("deviceInfo", Napi::Function::New<deviceInfoCall>(env));
}

}  // namespace tomo::edge

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new tomo::edge::AddonData());
  tomo::edge::addArrays(env, exports);
  tomo::edge::addDevices(env, exports);
  tomo::edge::addProjector(env, exports);
  tomo::edge::addVectorOps(env, exports);
  tomo::edge::addTiles(env, exports);
  tomo::edge::addTotalVariation(env, exports);
  tomo::edge::addNetwork(env, exports);
  tomo::edge::addMachine(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(tomo_native, initialize)
