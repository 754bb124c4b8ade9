// Projectors and filtered back projection as functions of the addon.
#include "tomo/projector.hpp"

#include "edge.hpp"
#include "tomo/cuda_info.hpp"
#include "tomo/fdk.hpp"

namespace tomo::edge {
namespace {

void requireLength(const ArrayPointer& array, int64_t length, const char* what) {
  if (array->length() != length) {
    fail(std::string("The ") + what + " has " + std::to_string(array->length()) + " elements where the geometry needs " + std::to_string(length) + ".");
  }
}

std::shared_ptr<const Projector> makeProjector(const ScanGeometry& geometry, const std::string& device) {
  if (device == "cpu") return makeCpuProjector(geometry);
  if (device.rfind("cuda:", 0) == 0 && device.size() > 5 && device.size() < 9 && device.find_first_not_of("0123456789", 5) == std::string::npos) {
    Result<std::unique_ptr<Projector>> projector = makeCudaProjector(geometry, std::stoi(device.substr(5)));
    require(projector.status());
    return std::move(projector.value());
  }
  fail("The device must be cpu or cuda:N.");
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
      projector_ = makeProjector(geometry_, device_);
      return info.Env().Undefined();
    });
  }

 private:
  std::shared_ptr<const Projector> open() const {
    if (!projector_) fail("The projector has been closed.");
    return projector_;
  }
  int64_t sinogramLength() const { return geometry_.views() * geometry_.pixelsPerView(); }

  Napi::Value device(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), device_); }

  Napi::Value forward(const Napi::CallbackInfo& info) {
    return guardAsync(info.Env(), [&] {
      const std::shared_ptr<const Projector> projector = open();
      const ArrayPointer volume = arrayOf(info[0], "volume"), sinogram = arrayOf(info[1], "sinogram");
      requireLength(volume, geometry_.voxels(), "volume");
      requireLength(sinogram, sinogramLength(), "sinogram");
      const CallControl control = controlOf(info[2]);
      return runAsync(info.Env(), [=] { return projector->forward(volume->data(), nullptr, sinogram->data(), control); });
    });
  }

  Napi::Value forwardResidual(const Napi::CallbackInfo& info) {
    return guardAsync(info.Env(), [&] {
      const std::shared_ptr<const Projector> projector = open();
      const ArrayPointer volume = arrayOf(info[0], "volume"), measured = arrayOf(info[1], "measured sinogram"), residual = arrayOf(info[2], "residual");
      requireLength(volume, geometry_.voxels(), "volume");
      requireLength(measured, sinogramLength(), "measured sinogram");
      requireLength(residual, sinogramLength(), "residual");
      const CallControl control = controlOf(info[3]);
      return runAsync(info.Env(), [=] { return projector->forward(volume->data(), measured->data(), residual->data(), control); });
    });
  }

  Napi::Value back(const Napi::CallbackInfo& info) {
    return guardAsync(info.Env(), [&] {
      const std::shared_ptr<const Projector> projector = open();
      const ArrayPointer sinogram = arrayOf(info[0], "sinogram"), volume = arrayOf(info[1], "volume");
      requireLength(volume, geometry_.voxels(), "volume");
      requireLength(sinogram, sinogramLength(), "sinogram");
      const CallControl control = controlOf(info[2]);
      return runAsync(info.Env(), [=] { return projector->back(sinogram->data(), volume->data(), control); });
    });
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    projector_.reset();
    return info.Env().Undefined();
  }

  ScanGeometry geometry_;
  std::string device_ = "cpu";
  std::shared_ptr<const Projector> projector_;
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
    const ArrayPointer sinogram = arrayOf(info[1], "sinogram"), target = arrayOf(info[3], "target");
    requireLength(sinogram, geometry.views() * geometry.pixelsPerView(), "sinogram");
    requireLength(target, geometry.voxels(), "target");
    if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array ||
        info[2].As<Napi::TypedArray>().ElementLength() != static_cast<size_t>(geometry.views() * fdkWeightsPerView)) {
      fail("The weights must be those of fdkWeights for exactly these views.");
    }
    const auto numbers = info[2].As<Napi::Float64Array>();
    const std::vector<double> weights(numbers.Data(), numbers.Data() + numbers.ElementLength());
    const FdkFilter filter = filterOf(info[4]);
    const CallControl control = controlOf(info[4]);
    return runAsync(info.Env(), [=] { return fdk(geometry, sinogram->data(), weights.data(), filter, target->data(), control); });
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
