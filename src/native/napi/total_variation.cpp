// The steps of total-variation denoising as functions of the addon: shapes and slices are checked here, before native code follows them.
#include "tomo/total_variation.hpp"

#include <cmath>

#include "edge.hpp"

namespace tomo::edge {
namespace {

constexpr int64_t maxIndex = int64_t{1} << 40;

/// { shape: [D,H,W], scale: [z,y,x] }
DifferenceGrid gridOf(Napi::Value value) {
  if (!value.IsObject()) fail("The grid of differences must be an object.");
  const auto object = value.As<Napi::Object>();
  DifferenceGrid grid;
  grid.shape = tripleOf(object.Get("shape"), "volume shape", 1);
  const Napi::Value scale = object.Get("scale");
  if (!scale.IsArray() || scale.As<Napi::Array>().Length() != 3) fail("The scale of the differences must be three numbers.");
  for (uint32_t axis = 0; axis < 3; ++axis) {
    grid.scale[axis] = static_cast<float>(numberOf(scale.As<Napi::Array>().Get(axis), "scale"));
    if (!(grid.scale[axis] > 0)) fail("The scale of the differences must be positive.");
  }
  return grid;
}

ArrayPointer volumeOf(Napi::Value value, const DifferenceGrid& grid, const char* what) {
  ArrayPointer array = arrayOf(value, what);
  const double voxels = static_cast<double>(grid.shape[0]) * static_cast<double>(grid.shape[1]) * static_cast<double>(grid.shape[2]);
  if (voxels > static_cast<double>(array->length())) fail(std::string("The volume shape does not fit the ") + what + ".");
  return array;
}

using Field = std::array<ArrayPointer, 3>;

Field fieldOf(Napi::Value value, const DifferenceGrid& grid, const char* what) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 3) fail(std::string("The ") + what + " must be three arrays (z, y, x).");
  const auto list = value.As<Napi::Array>();
  return {volumeOf(list.Get(uint32_t{0}), grid, what), volumeOf(list.Get(uint32_t{1}), grid, what), volumeOf(list.Get(uint32_t{2}), grid, what)};
}

VectorField dataOf(const Field& field) { return {field[0]->data(), field[1]->data(), field[2]->data()}; }

struct Slices {
  int64_t first, last;
};

Slices slicesOf(const Napi::CallbackInfo& info, size_t at, const DifferenceGrid& grid) {
  const Slices slices{integerOf(info[at], "first slice", 0, maxIndex), integerOf(info[at + 1], "last slice", 0, maxIndex)};
  requireRange(slices.first, slices.last, grid.shape[0], "slices");
  return slices;
}

/// A limit of the image: infinite limits are none.
float limitOf(Napi::Value value, const char* what) {
  if (!value.IsNumber() || std::isnan(value.As<Napi::Number>().DoubleValue())) fail(std::string("The ") + what + " must be a number.");
  return static_cast<float>(value.As<Napi::Number>().DoubleValue());
}

Napi::Value imageCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const DifferenceGrid grid = gridOf(info[3]);
    const ArrayPointer image = volumeOf(info[0], grid, "image"), input = volumeOf(info[1], grid, "input");
    const Field p = fieldOf(info[2], grid, "field");
    const auto weight = static_cast<float>(numberOf(info[4], "weight"));
    const float low = limitOf(info[5], "lower limit"), high = limitOf(info[6], "upper limit");
    if (low > high) fail("The lower limit must not exceed the upper one.");
    const Slices slices = slicesOf(info, 7, grid);
    const CallControl control = controlOf(info[9]);
    return runAsync(info.Env(), [=] {
      const VectorField field = dataOf(p);
      return totalVariationImage(image->data(), input->data(), {field[0], field[1], field[2]}, grid, weight, low, high, slices.first, slices.last, control);
    });
  });
}

Napi::Value stepCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const DifferenceGrid grid = gridOf(info[3]);
    const ArrayPointer image = volumeOf(info[0], grid, "image");
    const Field p = fieldOf(info[1], grid, "field"), r = fieldOf(info[2], grid, "second field");
    const auto step = static_cast<float>(numberOf(info[4], "step")), inertia = static_cast<float>(numberOf(info[5], "inertia"));
    const Slices slices = slicesOf(info, 6, grid);
    const CallControl control = controlOf(info[8]);
    return runAsync(info.Env(), [=] { return totalVariationStep(image->data(), dataOf(p), dataOf(r), grid, step, inertia, slices.first, slices.last, control); });
  });
}

}  // namespace

void addTotalVariation(Napi::Env env, Napi::Object exports) {
  exports.Set("totalVariationImage", Napi::Function::New<imageCall>(env));
  exports.Set("totalVariationStep", Napi::Function::New<stepCall>(env));
}

}  // namespace tomo::edge
