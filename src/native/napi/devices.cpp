// Devices as names: opened when first asked for and kept as long as the JavaScript environment, so that what they hold is used again.
#include "edge.hpp"
#include "tomo/device.hpp"

namespace tomo::edge {
namespace {

constexpr double bytesPerMiB = 1024.0 * 1024.0;

Napi::Value deviceMemoryCall(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&] {
    const std::shared_ptr<Device> device = deviceNamed(info.Env(), textOf(info[0], "device"));
    const Result<DeviceMemory> memory = device->memory();
    require(memory.status());
    Napi::Object result = Napi::Object::New(info.Env());
    const auto set = [&result](const char* key, int64_t bytes) { result.Set(key, static_cast<double>(bytes) / bytesPerMiB); };
    set("totalMiB", memory.value().total);
    set("freeMiB", memory.value().free);
    set("heldMiB", memory.value().held);
    set("limitMiB", memory.value().limit);
    return result;
  });
}

Napi::Value openDeviceCall(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&] {
    const std::string name = textOf(info[0], "device");
    double limitMiB = 0;
    if (info[1].IsObject()) {
      const Napi::Value limit = info[1].As<Napi::Object>().Get("memoryLimitMiB");
      if (!limit.IsUndefined() && !limit.IsNull()) limitMiB = numberOf(limit, "memory limit in MiB");
    }
    if (limitMiB < 0 || limitMiB > 1e9) fail("The memory limit of a device must be a positive number of MiB.");
    static_cast<void>(deviceNamed(info.Env(), name, static_cast<int64_t>(limitMiB * bytesPerMiB)));
    return info.Env().Undefined();
  });
}

}  // namespace

std::shared_ptr<Device> deviceNamed(Napi::Env env, const std::string& name, int64_t limitBytes) {
  if (name == "cpu") return cpuDevice();
  if (name.rfind("cuda:", 0) != 0 || name.size() < 6 || name.size() > 8 || name.find_first_not_of("0123456789", 5) != std::string::npos) fail("The device must be cpu or cuda:N.");
  auto& devices = env.GetInstanceData<AddonData>()->devices;
  const auto found = devices.find(name);
  if (found != devices.end()) {
    if (limitBytes > 0) {
      const Result<DeviceMemory> memory = found->second->memory();
      require(memory.status());
      if (memory.value().limit != limitBytes) fail("The device " + name + " is in use already; its memory limit is set when it is opened.");
    }
    return found->second;
  }
  Result<std::shared_ptr<Device>> device = openCudaDevice(std::stoi(name.substr(5)), limitBytes);
  require(device.status());
  devices[name] = device.value();
  return device.value();
}

std::shared_ptr<Device> deviceOf(const std::vector<StoredArray>& arrays) {
  for (const StoredArray& array : arrays) {
    if (array.device != arrays[0].device) fail("The arrays of this step are in the memory of " + arrays[0].device->name() + " and of " + array.device->name() + ". Copy them to one device.");
  }
  return arrays[0].device;
}

void addDevices(Napi::Env env, Napi::Object exports) {
  exports.Set("openDevice", Napi::Function::New<openDeviceCall>(env));
  exports.Set("deviceMemory", Napi::Function::New<deviceMemoryCall>(env));
  exports.Set("deviceInterfaceVersion", deviceInterfaceVersion);
}

}  // namespace tomo::edge
