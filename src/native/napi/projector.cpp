// Projectors and filtered back projection as functions of the addon.
#include "tomo/device.hpp"

#include "edge.hpp"

namespace tomo::edge {
namespace {

void requireLength(const StoredArray& array, int64_t length, const char* what) {
  if (array.length() != length) {
    fail(std::string("The ") + what + " has " + std::to_string(array.length()) + " elements where the geometry needs " + std::to_string(length) + ".");
  }
}

/// Arguments of a projection are on the host or on the device that computes.
void requireHere(const StoredArray& array, const Device& device, const char* what) {
  if (!array.array && array.device->name() != device.name()) fail(std::string("The ") + what + " is in the memory of " + array.device->name() + ", but the step runs on " + device.name() + ".");
}

/// Projector of api.ts.
class ProjectorObject final : public Napi::ObjectWrap<ProjectorObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Projector",
                       {InstanceAccessor<&ProjectorObject::device>("device"), InstanceMethod<&ProjectorObject::forward>("forward"), InstanceMethod<&ProjectorObject::back>("back"),
                        InstanceMethod<&ProjectorObject::forwardResidual>("forwardResidual"), InstanceMethod<&ProjectorObject::close>("close")});
  }

  explicit ProjectorObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProjectorObject>(info) {
    guard(info.Env(), [&] {
      geometry_ = geometryOf(info[0]);
      if (info[1].IsObject()) {
        const Napi::Value name = info[1].As<Napi::Object>().Get("device");
        if (!name.IsUndefined()) device_ = textOf(name, "device");
      }
      owner_ = deviceNamed(info.Env(), device_);
      Result<std::shared_ptr<const DeviceProjector>> projector = owner_->makeProjector(geometry_);
      require(projector.status());
      projector_ = std::move(projector.value());
      return info.Env().Undefined();
    });
  }

 private:
  std::shared_ptr<const DeviceProjector> open() const {
    if (!projector_) fail("The projector has been closed.");
    return projector_;
  }
  StoredArray argument(Napi::Value value, int64_t length, const char* what) const {
    StoredArray array = storedOf(value, what);
    requireLength(array, length, what);
    requireHere(array, *owner_, what);
    return array;
  }
  int64_t sinogramLength() const { return geometry_.views() * geometry_.pixelsPerView(); }

  Napi::Value device(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), device_); }

  Napi::Value forward(const Napi::CallbackInfo& info) {
    return guardAsync(info.Env(), [&] {
      const std::shared_ptr<const DeviceProjector> projector = open();
      const StoredArray volume = argument(info[0], geometry_.voxels(), "volume"), sinogram = argument(info[1], sinogramLength(), "sinogram");
      const CallControl control = controlOf(info[2]);
      return runAsync(info.Env(), [=] { return projector->forward(volume.floats(), nullptr, sinogram.floats(), control); });
    });
  }

  Napi::Value forwardResidual(const Napi::CallbackInfo& info) {
    return guardAsync(info.Env(), [&] {
      const std::shared_ptr<const DeviceProjector> projector = open();
      const StoredArray volume = argument(info[0], geometry_.voxels(), "volume"), measured = argument(info[1], sinogramLength(), "measured sinogram"), residual = argument(info[2], sinogramLength(), "residual");
      const CallControl control = controlOf(info[3]);
      return runAsync(info.Env(), [=] {
        const Floats known = measured.floats();
        return projector->forward(volume.floats(), &known, residual.floats(), control);
      });
    });
  }

  Napi::Value back(const Napi::CallbackInfo& info) {
    return guardAsync(info.Env(), [&] {
      const std::shared_ptr<const DeviceProjector> projector = open();
      const StoredArray sinogram = argument(info[0], sinogramLength(), "sinogram"), volume = argument(info[1], geometry_.voxels(), "volume");
      const CallControl control = controlOf(info[2]);
      return runAsync(info.Env(), [=] { return projector->back(sinogram.floats(), volume.floats(), control); });
    });
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    projector_.reset();
    return info.Env().Undefined();
  }

  ScanGeometry geometry_;
  std::string device_ = "cpu";
  std::shared_ptr<Device> owner_;
  std::shared_ptr<const DeviceProjector> projector_;
};

FdkFilter filterOf(Napi::Value options) {
  if (!options.IsObject()) fail("FDK needs options that name its filter.");
  const std::string name = textOf(options.As<Napi::Object>().Get("filter"), "filter");
  if (name == "ramp") return FdkFilter::ramp;
  if (name == "shepp-logan") return FdkFilter::sheppLogan;
  if (name == "hann") return FdkFilter::hann;
  fail("The filter must be ramp, shepp-logan or hann.");
}

Napi::Value fdkCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const ScanGeometry geometry = geometryOf(info[0]);
    const StoredArray sinogram = storedOf(info[1], "sinogram"), target = storedOf(info[3], "target");
    requireLength(sinogram, geometry.views() * geometry.pixelsPerView(), "sinogram");
    requireLength(target, geometry.voxels(), "target");
    if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array ||
        info[2].As<Napi::TypedArray>().ElementLength() != static_cast<size_t>(geometry.views() * fdkWeightsPerView)) {
      fail("The weights must be those of fdkWeights for exactly these views.");
    }
    const auto numbers = info[2].As<Napi::Float64Array>();
    const std::vector<double> weights(numbers.Data(), numbers.Data() + numbers.ElementLength());
    const FdkFilter filter = filterOf(info[4]);
    const Napi::Value name = info[4].As<Napi::Object>().Get("device");
    const std::shared_ptr<Device> device = deviceNamed(info.Env(), name.IsUndefined() ? "cpu" : textOf(name, "device"));
    requireHere(sinogram, *device, "sinogram");
    requireHere(target, *device, "target");
    const CallControl control = controlOf(info[4]);
    return runAsync(info.Env(), [=] { return fdk(*device, geometry, sinogram.floats(), weights.data(), filter, target.floats(), control); });
  });
}

}  // namespace

void addProjector(Napi::Env env, Napi::Object exports) {
  auto* data = env.GetInstanceData<AddonData>();
  data->projectorClass = Napi::Persistent(ProjectorObject::define(env));
  exports.Set("createProjector", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    return info.Env().GetInstanceData<AddonData>()->projectorClass.New({info[0], info[1]}).As<Napi::Value>();
  }));
  exports.Set("fdkWeights", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&] { return toFloat64Array(info.Env(), fdkWeights(geometryOf(info[0]))); });
  }));
  exports.Set("fdk", Napi::Function::New<fdkCall>(env));
}

}  // namespace tomo::edge
