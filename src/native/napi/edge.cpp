// Conversions, errors and asynchronous work of the edge.
#include "edge.hpp"

#include <cmath>

#include "objects.hpp"

namespace tomo::edge {
namespace {

/// One call: computes on a thread of libuv's pool (which starts the call's own threads), then settles the promise.
class Work final : public Napi::AsyncWorker {
 public:
  Work(Napi::Env env, Compute compute, Finish finish, const std::vector<Napi::Value>& pinned)
      : Napi::AsyncWorker(env, "tomo_native"), deferred_(Napi::Promise::Deferred::New(env)), compute_(std::move(compute)), finish_(std::move(finish)) {
    // napi references take objects only; everything pinned here is an array or a wrapper.
    for (const Napi::Value& value : pinned) pinned_.push_back(Napi::Persistent(value.As<Napi::Object>()));
  }
  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    try {
      status_ = compute_();
    } catch (const std::bad_alloc&) {
      status_ = Status::fail(ErrorCode::outOfMemory, "Not enough memory for this step. Close other programs or use a smaller volume.");
    } catch (const std::exception& error) {
      status_ = Status::fail(ErrorCode::internal, std::string("The native part failed: ") + error.what());
    }
  }

  void OnOK() override {
    const Napi::HandleScope scope(Env());
    // Whatever the computation captured is let go before JavaScript goes on.
    compute_ = nullptr;
    if (status_.ok()) {
      deferred_.Resolve(finish_ ? finish_(Env()) : Env().Undefined());
    } else {
      deferred_.Reject(makeError(Env(), status_.code, status_.message));
    }
  }

 private:
  Napi::Promise::Deferred deferred_;
  Compute compute_;
  Finish finish_;
  std::vector<Napi::ObjectReference> pinned_;
  Status status_;
};

Napi::Object objectOf(Napi::Value value, const char* what) {
  if (!value.IsObject()) fail(std::string("The ") + what + " must be an object.");
  return value.As<Napi::Object>();
}

}  // namespace

void fail(const std::string& message) { throw EdgeError(ErrorCode::badInput, message); }

void require(const Status& status) {
  if (!status.ok()) throw EdgeError(status.code, status.message);
}

Napi::Value makeError(Napi::Env env, ErrorCode code, const std::string& message) {
  auto* data = env.GetInstanceData<AddonData>();
  const Napi::String word = Napi::String::New(env, errorWord(code));
  if (data != nullptr && !data->errorClass.IsEmpty()) return data->errorClass.New({Napi::String::New(env, message), word});
  Napi::Object error = Napi::Error::New(env, message).Value();
  error.Set("code", word);
  return error;
}

double numberOf(Napi::Value value, const char* what) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (!std::isfinite(number)) fail(std::string("The ") + what + " must be a finite number.");
  return number;
}

int64_t integerOf(Napi::Value value, const char* what, int64_t low, int64_t high) {
  const double number = numberOf(value, what);
  if (number != std::floor(number) || number < static_cast<double>(low) || number > static_cast<double>(high)) {
    fail(std::string("The ") + what + " must be a whole number from " + std::to_string(low) + " to " + std::to_string(high) + ".");
  }
  return static_cast<int64_t>(number);
}

std::string textOf(Napi::Value value, const char* what) {
  if (!value.IsString()) fail(std::string("The ") + what + " must be text.");
  return value.As<Napi::String>().Utf8Value();
}

StoredArray storedOf(Napi::Value value, const char* what) {
  auto* data = value.Env().GetInstanceData<AddonData>();
  if (!value.IsObject() || !value.As<Napi::Object>().InstanceOf(data->arrayClass.Value())) fail(std::string("The ") + what + " must be an array of the native part.");
  const std::shared_ptr<StoredArray>& storage = Napi::ObjectWrap<ArrayObject>::Unwrap(value.As<Napi::Object>())->storage();
  if (!storage) fail(std::string("The ") + what + " has been closed.");
  return *storage;
}

ArrayPointer arrayOf(Napi::Value value, const char* what) {
  StoredArray stored = storedOf(value, what);
  if (!stored.array) fail(std::string("The ") + what + " is in the memory of " + stored.device->name() + ", where this step does not run. Copy it to an array of the host.");
  return stored.array;
}

std::array<int64_t, 3> tripleOf(Napi::Value value, const char* what, int64_t low) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 3) fail(std::string("The ") + what + " must be three numbers (z,y,x).");
  const auto list = value.As<Napi::Array>();
  std::array<int64_t, 3> triple{};
  for (uint32_t axis = 0; axis < 3; ++axis) triple[axis] = integerOf(list.Get(axis), what, low, (int64_t{1} << 31) - 1);
  return triple;
}

ScanGeometry geometryOf(Napi::Value value) {
  const Napi::Object object = objectOf(value, "geometry");
  ScanGeometry geometry;
  const std::string type = textOf(object.Get("type"), "geometry type");
  if (type != "conebeam" && type != "parallel3d") fail("The geometry type must be conebeam or parallel3d.");
  geometry.type = type == "conebeam" ? BeamType::cone : BeamType::parallel;
  geometry.volumeShape = tripleOf(object.Get("volumeShape"), "volume shape", 1);
  const auto lengths = [&object](const char* key, const char* what) {
    const Napi::Value list = object.Get(key);
    if (!list.IsArray() || list.As<Napi::Array>().Length() != 3) fail(std::string("The ") + what + " must be three numbers in mm.");
    std::array<double, 3> result{};
    for (uint32_t axis = 0; axis < 3; ++axis) result[axis] = numberOf(list.As<Napi::Array>().Get(axis), what);
    return result;
  };
  geometry.voxelSizeMm = lengths("voxelSizeMm", "voxel size");
  geometry.volumeCentreMm = lengths("volumeCentreMm", "volume centre");
  geometry.detectorRows = integerOf(object.Get("detectorRows"), "number of detector rows", 1, (int64_t{1} << 31) - 1);
  geometry.detectorColumns = integerOf(object.Get("detectorColumns"), "number of detector columns", 1, (int64_t{1} << 31) - 1);
  const Napi::Value vectors = object.Get("vectors");
  if (!vectors.IsTypedArray() || vectors.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) fail("The geometry's vectors must be a Float64Array.");
  const auto numbers = vectors.As<Napi::Float64Array>();
  geometry.vectors.assign(numbers.Data(), numbers.Data() + numbers.ElementLength());
  require(validateGeometry(geometry));
  return geometry;
}

CallControl controlOf(Napi::Value options) {
  CallControl control;
  control.threads = defaultThreads();
  if (options.IsUndefined() || options.IsNull()) return control;
  const Napi::Object object = objectOf(options, "call's options");
  const Napi::Value threads = object.Get("threads"), cancel = object.Get("cancel");
  if (!threads.IsUndefined() && !threads.IsNull()) control.threads = static_cast<int>(integerOf(threads, "number of threads", 1, 256));
  if (!cancel.IsUndefined() && !cancel.IsNull()) {
    auto* data = options.Env().GetInstanceData<AddonData>();
    if (!cancel.IsObject() || !cancel.As<Napi::Object>().InstanceOf(data->tokenClass.Value())) fail("The option cancel must come from createCancelToken.");
    control.cancel = Napi::ObjectWrap<TokenObject>::Unwrap(cancel.As<Napi::Object>())->state();
  }
  return control;
}

void requireRange(int64_t start, int64_t end, int64_t length, const char* what) {
  if (start < 0 || end < start || end > length) {
    fail(std::string("The range ") + std::to_string(start) + " to " + std::to_string(end) + " does not fit the " + what + " of " + std::to_string(length) + " elements.");
  }
}

Napi::Value runAsync(Napi::Env env, Compute compute, Finish finish, const std::vector<Napi::Value>& pinned) {
  auto* work = new Work(env, std::move(compute), std::move(finish), pinned);
  const Napi::Promise promise = work->promise();
  work->Queue();
  return promise;
}

Napi::Value toFloat64Array(Napi::Env env, const std::vector<double>& values) {
  auto array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

}  // namespace tomo::edge
