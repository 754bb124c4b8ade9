// Vector operations and slice-wise reductions as functions of the addon.
#include "tomo/vector_ops.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "edge.hpp"
#include "tomo/device.hpp"

namespace tomo::edge {
namespace {

constexpr int64_t maxIndex = int64_t{1} << 40;

struct Range {
  int64_t start, end;
};

Range rangeOf(const Napi::CallbackInfo& info, size_t at, int64_t length) {
  const Range range{integerOf(info[at], "start of the range", 0, maxIndex), integerOf(info[at + 1], "end of the range", 0, maxIndex)};
  requireRange(range.start, range.end, length, "array");
  return range;
}

SliceRange slicesOf(const Napi::CallbackInfo& info, size_t at, int64_t length) {
  const SliceRange range{integerOf(info[at], "slice length", 1, maxIndex), integerOf(info[at + 1], "first slice", 0, maxIndex), integerOf(info[at + 2], "last slice", 0, maxIndex)};
  if (range.last < range.first || range.last > length / range.length) {
    fail("The slices " + std::to_string(range.first) + " to " + std::to_string(range.last) + " of " + std::to_string(range.length) + " elements do not fit an array of " + std::to_string(length) + ".");
  }
  return range;
}

using Numbers = std::shared_ptr<std::vector<double>>;

Numbers makeNumbers(int64_t count) { return std::make_shared<std::vector<double>>(static_cast<size_t>(count)); }

Finish numbersResult(Numbers numbers) {
  return [numbers](Napi::Env env) { return toFloat64Array(env, *numbers); };
}

double realOf(Napi::Value value, const char* what) {
  if (!value.IsNumber() || std::isnan(value.As<Napi::Number>().DoubleValue())) fail(std::string("The ") + what + " must be a number.");
  return value.As<Napi::Number>().DoubleValue();
}

Napi::Value combineCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    // The target, then the sources.
    std::vector<StoredArray> arrays{storedOf(info[0], "target")};
    if (!info[1].IsArray() || !info[2].IsArray()) fail("The coefficients and sources must be lists.");
    const auto coefficientList = info[1].As<Napi::Array>(), sourceList = info[2].As<Napi::Array>();
    if (coefficientList.Length() != sourceList.Length()) fail("There must be as many coefficients as sources.");
    const double offset = numberOf(info[3], "offset");
    const Range range = rangeOf(info, 4, arrays[0].length());
    std::vector<double> coefficients;
    for (uint32_t k = 0; k < sourceList.Length(); ++k) {
      coefficients.push_back(numberOf(coefficientList.Get(k), "coefficient"));
      arrays.push_back(storedOf(sourceList.Get(k), "source"));
      requireRange(range.start, range.end, arrays.back().length(), "source");
    }
    const std::shared_ptr<Device> device = deviceOf(arrays);
    const CallControl control = controlOf(info[6]);
    return runAsync(info.Env(), [=] {
      std::vector<Floats> sources;
      for (size_t k = 1; k < arrays.size(); ++k) sources.push_back(arrays[k].floats());
      return device->combine(arrays[0].floats(), coefficients, sources, offset, range.start, range.end, control);
    });
  });
}

Napi::Value clampCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const StoredArray target = storedOf(info[0], "target");
    const double low = realOf(info[1], "lower limit"), high = realOf(info[2], "upper limit");
    if (low > high) fail("The lower limit must not exceed the upper one.");
    const Range range = rangeOf(info, 3, target.length());
    const CallControl control = controlOf(info[5]);
    return runAsync(info.Env(), [=] { return target.device->clampRange(target.floats(), static_cast<float>(low), static_cast<float>(high), range.start, range.end, control); });
  });
}

Napi::Value divideCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const StoredArray target = storedOf(info[0], "target"), a = storedOf(info[1], "dividend"), b = storedOf(info[2], "divisor");
    const std::shared_ptr<Device> device = deviceOf({target, a, b});
    const Range range = rangeOf(info, 3, std::min({target.length(), a.length(), b.length()}));
    const CallControl control = controlOf(info[5]);
    return runAsync(info.Env(), [=] { return device->divide(target.floats(), a.floats(), b.floats(), range.start, range.end, control); });
  });
}

Napi::Value copyCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const StoredArray target = storedOf(info[0], "target"), source = storedOf(info[2], "source");
    const int64_t to = integerOf(info[1], "start in the target", 0, maxIndex), from = integerOf(info[3], "start in the source", 0, maxIndex);
    const int64_t count = integerOf(info[4], "number of elements", 0, maxIndex);
    requireRange(to, to + count, target.length(), "target");
    requireRange(from, from + count, source.length(), "source");
    // Between the host and a device, and within one; not from device to device.
    const std::shared_ptr<Device> device = target.array ? source.device : source.array ? target.device : deviceOf({target, source});
    if (target.array == source.array && target.buffer == source.buffer && to < from + count && from < to + count) fail("The ranges of a copy must not overlap.");
    const CallControl control = controlOf(info[5]);
    return runAsync(info.Env(), [=] { return device->copyRange(target.floats(), to, source.floats(), from, count, control); });
  });
}

Napi::Value fillRandomCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const ArrayPointer target = arrayOf(info[0], "target");
    const auto seed = static_cast<uint64_t>(integerOf(info[1], "seed", -(int64_t{1} << 53), int64_t{1} << 53));
    const std::string distribution = textOf(info[2], "distribution");
    if (distribution != "uniform" && distribution != "normal") fail("The distribution must be uniform or normal.");
    const Range range = rangeOf(info, 3, target->length());
    const CallControl control = controlOf(info[5]);
    const auto kind = distribution == "uniform" ? RandomDistribution::uniform : RandomDistribution::normal;
    return runAsync(info.Env(), [=] { return fillRandom(target->data(), seed, kind, range.start, range.end, control); });
  });
}

using PairReduction = Status (Device::*)(const Floats&, const Floats&, SliceRange, double*, const CallControl&);
using SingleReduction = Status (Device::*)(const Floats&, SliceRange, double*, const CallControl&);

template <PairReduction reduce>
Napi::Value pairCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const StoredArray a = storedOf(info[0], "first array"), b = storedOf(info[1], "second array");
    const std::shared_ptr<Device> device = deviceOf({a, b});
    const SliceRange range = slicesOf(info, 2, std::min(a.length(), b.length()));
    const CallControl control = controlOf(info[5]);
    const Numbers numbers = makeNumbers(range.last - range.first);
    return runAsync(info.Env(), [=] { return (device.get()->*reduce)(a.floats(), b.floats(), range, numbers->data(), control); }, numbersResult(numbers));
  });
}

template <SingleReduction reduce, int64_t perSlice>
Napi::Value singleCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const StoredArray a = storedOf(info[0], "array");
    const SliceRange range = slicesOf(info, 1, a.length());
    const CallControl control = controlOf(info[4]);
    const Numbers numbers = makeNumbers(perSlice * (range.last - range.first));
    return runAsync(info.Env(), [=] { return (a.device.get()->*reduce)(a.floats(), range, numbers->data(), control); }, numbersResult(numbers));
  });
}

int64_t ssimSliceCount(const Shape& shape) { return shape[0] - ssimWindow(shape[0]) + 1; }

Napi::Value ssimCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const ArrayPointer x = arrayOf(info[0], "volume"), reference = arrayOf(info[1], "reference");
    const Shape shape = tripleOf(info[2], "volume shape", 1);
    const double dataRange = numberOf(info[3], "data range");
    if (!(dataRange > 0)) fail("The data range of SSIM must be positive.");
    const double elements = static_cast<double>(shape[0]) * static_cast<double>(shape[1]) * static_cast<double>(shape[2]);
    if (elements > static_cast<double>(std::min(x->length(), reference->length()))) fail("The volume shape does not fit the arrays.");
    const int64_t first = integerOf(info[4], "first slice", 0, maxIndex), last = integerOf(info[5], "last slice", 0, maxIndex);
    requireRange(first, last, ssimSliceCount(shape), "output slices");
    const CallControl control = controlOf(info[6]);
    const Numbers sums = makeNumbers(last - first), counts = makeNumbers(last - first);
    return runAsync(
        info.Env(), [=] { return first == last ? Status::good() : ssimSlices(x->data(), reference->data(), shape, dataRange, first, last, sums->data(), counts->data(), control); },
        [=](Napi::Env env) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("sums", toFloat64Array(env, *sums));
          result.Set("counts", toFloat64Array(env, *counts));
          return result;
        });
  });
}

Napi::Value percentilesCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const ArrayPointer a = arrayOf(info[0], "array");
    if (!info[1].IsArray()) fail("The fractions must be a list of numbers from 0 to 1.");
    const auto list = info[1].As<Napi::Array>();
    std::vector<double> fractions;
    for (uint32_t k = 0; k < list.Length(); ++k) {
      fractions.push_back(numberOf(list.Get(k), "fraction"));
      if (fractions.back() < 0 || fractions.back() > 1) fail("The fractions must be numbers from 0 to 1.");
    }
    const CallControl control = controlOf(info[2]);
    const Numbers numbers = makeNumbers(list.Length());
    return runAsync(info.Env(), [=] { return percentiles(a->data(), a->length(), fractions, numbers->data(), control); }, numbersResult(numbers));
  });
}

}  // namespace

void addVectorOps(Napi::Env env, Napi::Object exports) {
  exports.Set("combine", Napi::Function::New<combineCall>(env));
  exports.Set("divide", Napi::Function::New<divideCall>(env));
  exports.Set("clamp", Napi::Function::New<clampCall>(env));
  exports.Set("copy", Napi::Function::New<copyCall>(env));
  exports.Set("fillRandom", Napi::Function::New<fillRandomCall>(env));
  exports.Set("dotSlices", Napi::Function::New<pairCall<&Device::dotSlices>>(env));
  exports.Set("squaredErrorSlices", Napi::Function::New<pairCall<&Device::squaredErrorSlices>>(env));
  exports.Set("minMaxSlices", Napi::Function::New<singleCall<&Device::minMaxSlices, 2>>(env));
  exports.Set("countNonFiniteSlices", Napi::Function::New<singleCall<&Device::countNonFiniteSlices, 1>>(env));
  exports.Set("ssimSlices", Napi::Function::New<ssimCall>(env));
  exports.Set("ssimSliceCount", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&] { return Napi::Number::New(info.Env(), static_cast<double>(ssimSliceCount(tripleOf(info[0], "volume shape", 1)))); });
  }));
  exports.Set("percentiles", Napi::Function::New<percentilesCall>(env));
}

}  // namespace tomo::edge
