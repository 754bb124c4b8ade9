// Arrays and cancel tokens as JavaScript objects.
#include "edge.hpp"
#include "objects.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace tomo::edge {
namespace {

constexpr int64_t maxLength = int64_t{1} << 40;

/// Names become files of /dev/shm: nothing that could leave that folder.
std::string sharedName(Napi::Value value) {
  std::string name = textOf(value, "name of the shared array");
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  if (name.empty() || name.size() > 200 || name[0] == '.' || !std::all_of(name.begin(), name.end(), allowed)) {
    fail("The name of a shared array must be letters, digits, '-', '_' and '.'.");
  }
  return name;
}

Napi::Value wrapResult(Napi::Env env, Result<ArrayPointer> result) {
  require(result.status());
  return ArrayObject::wrap(env, {std::move(result.value()), nullptr, cpuDevice()});
}

Napi::Float32Array floatsOf(Napi::Value value, const char* what) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) fail(std::string("The ") + what + " must be a Float32Array.");
  return value.As<Napi::Float32Array>();
}

}  // namespace

Napi::Function ArrayObject::define(Napi::Env env) {
  return DefineClass(env, "NativeArray",
                     {InstanceAccessor<&ArrayObject::length>("length"), InstanceAccessor<&ArrayObject::name>("name"), InstanceAccessor<&ArrayObject::device>("device"), InstanceAccessor<&ArrayObject::closed>("closed"),
                      InstanceMethod<&ArrayObject::read>("read"), InstanceMethod<&ArrayObject::write>("write"), InstanceMethod<&ArrayObject::fill>("fill"),
                      InstanceMethod<&ArrayObject::close>("close")});
}

ArrayObject::ArrayObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ArrayObject>(info) {
  // JavaScript could call the constructor by itself; only wrap() passes storage.
  if (info.Length() == 1 && info[0].IsExternal()) {
    storage_ = std::make_shared<StoredArray>(*info[0].As<Napi::External<StoredArray>>().Data());
    length_ = storage_->length();
    name_ = storage_->array ? storage_->array->name() : "";
    device_ = storage_->device->name();
    // So that the collector knows what hangs on this small object.
    Napi::MemoryManagement::AdjustExternalMemory(info.Env(), hostBytes());
  }
}

int64_t ArrayObject::hostBytes() const { return storage_->array ? length_ * static_cast<int64_t>(sizeof(float)) : 0; }

void ArrayObject::release(Napi::Env env) {
  if (!storage_) return;
  const int64_t bytes = hostBytes();
  storage_.reset();
  Napi::MemoryManagement::AdjustExternalMemory(env, -bytes);
}

Napi::Object ArrayObject::wrap(Napi::Env env, StoredArray storage) {
  return env.GetInstanceData<AddonData>()->arrayClass.New({Napi::External<StoredArray>::New(env, &storage)});
}

const StoredArray& ArrayObject::open(const char* what) const {
  if (!storage_) fail(std::string("The array has been closed; it cannot be ") + what + " any more.");
  return *storage_;
}

Napi::Value ArrayObject::length(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), static_cast<double>(length_)); }

Napi::Value ArrayObject::name(const Napi::CallbackInfo& info) { return name_.empty() ? info.Env().Null() : Napi::String::New(info.Env(), name_).As<Napi::Value>(); }

Napi::Value ArrayObject::device(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), device_); }

Napi::Value ArrayObject::closed(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), storage_ == nullptr); }

Napi::Value ArrayObject::read(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&] {
    const StoredArray& array = open("read");
    const int64_t offset = integerOf(info[0], "offset", 0, maxLength);
    Napi::Float32Array target = floatsOf(info[1], "target");
    requireRange(offset, offset + static_cast<int64_t>(target.ElementLength()), array.length(), "array");
    if (array.array) std::memcpy(target.Data(), array.array->data() + offset, target.ElementLength() * sizeof(float));
    else require(array.device->download(*array.buffer, offset, target.Data(), static_cast<int64_t>(target.ElementLength())));
    return info.Env().Undefined();
  });
}

Napi::Value ArrayObject::write(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&] {
    const StoredArray& array = open("written");
    const int64_t offset = integerOf(info[0], "offset", 0, maxLength);
    const Napi::Float32Array source = floatsOf(info[1], "source");
    requireRange(offset, offset + static_cast<int64_t>(source.ElementLength()), array.length(), "array");
    if (array.array) std::memcpy(array.array->data() + offset, source.Data(), source.ElementLength() * sizeof(float));
    else require(array.device->upload(*array.buffer, offset, source.Data(), static_cast<int64_t>(source.ElementLength())));
    return info.Env().Undefined();
  });
}

Napi::Value ArrayObject::fill(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&] {
    const StoredArray& array = open("filled");
    if (!info[0].IsNumber()) fail("The value to fill with must be a number.");
    const float value = info[0].As<Napi::Number>().FloatValue();
    if (array.array) std::fill(array.array->data(), array.array->data() + array.length(), value);
    else require(array.device->fill(*array.buffer, value, 0, array.length()));
    return info.Env().Undefined();
  });
}

Napi::Value ArrayObject::close(const Napi::CallbackInfo& info) {
  release(info.Env());
  return info.Env().Undefined();
}

Napi::Function TokenObject::define(Napi::Env env) {
  return DefineClass(env, "CancelToken",
                     {InstanceMethod<&TokenObject::cancel>("cancel"), InstanceAccessor<&TokenObject::cancelled>("cancelled"), InstanceMethod<&TokenObject::progress>("progress")});
}

TokenObject::TokenObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TokenObject>(info) {}

Napi::Value TokenObject::cancel(const Napi::CallbackInfo& info) {
  state_->cancelled = true;
  return info.Env().Undefined();
}

Napi::Value TokenObject::cancelled(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), state_->cancelled.load()); }

Napi::Value TokenObject::progress(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), state_->progress()); }

void addArrays(Napi::Env env, Napi::Object exports) {
  auto* data = env.GetInstanceData<AddonData>();
  data->arrayClass = Napi::Persistent(ArrayObject::define(env));
  data->tokenClass = Napi::Persistent(TokenObject::define(env));
  exports.Set("createArray", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      const int64_t length = integerOf(info[0], "length", 1, maxLength);
      const std::string name = info[1].IsUndefined() ? "cpu" : textOf(info[1], "device");
      if (name == "cpu") return wrapResult(info.Env(), makePrivateArray(length));
      const std::shared_ptr<Device> device = deviceNamed(info.Env(), name);
      Result<std::shared_ptr<DeviceBuffer>> buffer = device->allocate(length);
      require(buffer.status());
      return ArrayObject::wrap(info.Env(), {nullptr, std::move(buffer.value()), device});
    });
  }));
  exports.Set("createSharedArray", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&] { return wrapResult(info.Env(), createSharedArray(sharedName(info[0]), integerOf(info[1], "length", 1, maxLength))); });
  }));
  exports.Set("openSharedArray", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&] { return wrapResult(info.Env(), openSharedArray(sharedName(info[0]), integerOf(info[1], "length", 1, maxLength))); });
  }));
  exports.Set("unlinkSharedArray", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&] { return Napi::Boolean::New(info.Env(), unlinkSharedArray(sharedName(info[0]))); });
  }));
  exports.Set("listSharedArrays", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&] {
      const std::vector<std::string> names = listSharedArrays(textOf(info[0], "prefix"));
      const Napi::Array list = Napi::Array::New(info.Env(), names.size());
      for (uint32_t n = 0; n < names.size(); ++n) list.Set(n, names[n]);
      return list;
    });
  }));
  exports.Set("createCancelToken", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    return info.Env().GetInstanceData<AddonData>()->tokenClass.New({}).As<Napi::Value>();
  }));
}

}  // namespace tomo::edge
