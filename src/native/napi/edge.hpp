// The edge to JavaScript: arguments to plain values, errors to JavaScript errors, work off the event loop. Nothing is computed here.
#pragma once

#include <napi.h>

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tomo/array.hpp"
#include "tomo/device.hpp"
#include "tomo/error.hpp"
#include "tomo/geometry.hpp"
#include "tomo/parallel.hpp"

namespace tomo::edge {

/// What the addon keeps per JavaScript environment.
struct AddonData {
  Napi::FunctionReference errorClass, arrayClass, tokenClass, projectorClass, networkClass;
  std::map<std::string, std::shared_ptr<Device>> devices;  // that were asked for so far
};

/// What a NativeArray holds: memory of the host, private or shared, or a buffer of a device.
struct StoredArray {
  ArrayPointer array;
  std::shared_ptr<DeviceBuffer> buffer;
  std::shared_ptr<Device> device;

  int64_t length() const { return array ? array->length() : buffer->length(); }
  Floats floats() const { return array ? Floats::of(array->data(), array->length()) : Floats::of(buffer); }
};

/// Thrown at the edge only; becomes a UserError.
struct EdgeError : std::runtime_error {
  ErrorCode code;
  EdgeError(ErrorCode errorCode, const std::string& message) : std::runtime_error(message), code(errorCode) {}
};

[[noreturn]] void fail(const std::string& message);
/// Throws an EdgeError when the status is not good.
void require(const Status& status);
/// new ErrorClass(message, code), or an Error with a code before setErrorClass.
Napi::Value makeError(Napi::Env env, ErrorCode code, const std::string& message);

// Arguments; `what` names them in the sentence.
double numberOf(Napi::Value value, const char* what);
int64_t integerOf(Napi::Value value, const char* what, int64_t low, int64_t high);
std::string textOf(Napi::Value value, const char* what);
/// An array in the host's memory; for calls that a device has no part in.
ArrayPointer arrayOf(Napi::Value value, const char* what);
/// An array wherever it is.
StoredArray storedOf(Napi::Value value, const char* what);
/// The device called cpu or cuda:N, opened when it is first asked for. `limitBytes`: see openCudaDevice; for a device that is open it must be the same or 0.
std::shared_ptr<Device> deviceNamed(Napi::Env env, const std::string& name, int64_t limitBytes = 0);
/// The device whose memory all these arrays are in.
std::shared_ptr<Device> deviceOf(const std::vector<StoredArray>& arrays);
std::array<int64_t, 3> tripleOf(Napi::Value value, const char* what, int64_t low);
ScanGeometry geometryOf(Napi::Value value);
CallControl controlOf(Napi::Value options);
/// Checks 0 <= start <= end <= length.
void requireRange(int64_t start, int64_t end, int64_t length, const char* what);

/// Runs a function whose EdgeErrors become thrown JavaScript errors.
template <typename Body>
Napi::Value guard(Napi::Env env, Body&& body) {
  try {
    return body();
  } catch (const EdgeError& error) {
    throw Napi::Error(env, makeError(env, error.code, error.what()));
  } catch (const std::bad_alloc&) {
    throw Napi::Error(env, makeError(env, ErrorCode::outOfMemory, "Not enough memory for this step. Close other programs or use a smaller volume."));
  }
}

using Compute = std::function<Status()>;
using Finish = std::function<Napi::Value(Napi::Env)>;

/// Runs `compute` off the event loop; the promise settles with what `finish` makes (undefined without it). `pinned` values live until then.
Napi::Value runAsync(Napi::Env env, Compute compute, Finish finish = nullptr, const std::vector<Napi::Value>& pinned = {});

/// As guard, for calls that return promises: errors in the arguments reject.
template <typename Body>
Napi::Value guardAsync(Napi::Env env, Body&& body) {
  const auto rejected = [env](ErrorCode code, const std::string& message) {
    const auto deferred = Napi::Promise::Deferred::New(env);
    deferred.Reject(makeError(env, code, message));
    return deferred.Promise().As<Napi::Value>();
  };
  try {
    return body();
  } catch (const EdgeError& error) {
    return rejected(error.code, error.what());
  } catch (const std::bad_alloc&) {
    return rejected(ErrorCode::outOfMemory, "Not enough memory for this step. Close other programs or use a smaller volume.");
  }
}

/// A Float64Array with these numbers.
Napi::Value toFloat64Array(Napi::Env env, const std::vector<double>& values);

// The parts of the addon; each adds its functions to `exports`.
void addArrays(Napi::Env env, Napi::Object exports);
void addDevices(Napi::Env env, Napi::Object exports);
void addProjector(Napi::Env env, Napi::Object exports);
void addVectorOps(Napi::Env env, Napi::Object exports);
void addTiles(Napi::Env env, Napi::Object exports);
void addTotalVariation(Napi::Env env, Napi::Object exports);
void addNetwork(Napi::Env env, Napi::Object exports);
void addMachine(Napi::Env env, Napi::Object exports);

}  // namespace tomo::edge
