// Tile copies as functions of the addon: every index is checked here, before native code follows it.
#include "tomo/device.hpp"

#include <cmath>

#include "edge.hpp"

namespace tomo::edge {
namespace {

TileLayout layoutOf(Napi::Value value, int64_t volumeLength) {
  if (!value.IsObject()) fail("The tile layout must be an object.");
  const auto object = value.As<Napi::Object>();
  TileLayout layout;
  layout.volumeShape = tripleOf(object.Get("volumeShape"), "volume shape", 1);
  layout.window = tripleOf(object.Get("window"), "window", 1);
  layout.halo = tripleOf(object.Get("halo"), "halo", 0);
  layout.networkShape = tripleOf(object.Get("networkShape"), "network shape", 1);
  layout.tileStride = integerOf(object.Get("tileStride"), "tile stride", 1, int64_t{1} << 40);
  layout.sliceStride = integerOf(object.Get("sliceStride"), "slice stride", 1, int64_t{1} << 40);
  double voxels = 1;
  for (size_t axis = 0; axis < 3; ++axis) {
    voxels *= static_cast<double>(layout.volumeShape[axis]);
    if (layout.networkShape[axis] < layout.window[axis]) fail("The network shape must not be smaller than the window.");
  }
  if (voxels > static_cast<double>(volumeLength)) fail("The volume shape does not fit the array.");
  return layout;
}

Napi::Int32Array integersOf(Napi::Value value, const char* what, size_t group) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array || value.As<Napi::TypedArray>().ElementLength() % group != 0) {
    fail(std::string("The ") + what + " must be an Int32Array with " + std::to_string(group) + " numbers a tile.");
  }
  return value.As<Napi::Int32Array>();
}

/// Checks that `tiles` tiles fit a Float32Array from `offset` on, and returns where they start.
float* blockOf(Napi::Value value, int64_t offset, const TileLayout& layout, int64_t tiles) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) fail("The tiles' memory must be a Float32Array.");
  auto floats = value.As<Napi::Float32Array>();
  const auto& shape = layout.networkShape;
  const double last = static_cast<double>(offset) + static_cast<double>(std::max<int64_t>(tiles - 1, 0)) * static_cast<double>(layout.tileStride) +
                      static_cast<double>(shape[0] - 1) * static_cast<double>(layout.sliceStride) + static_cast<double>(shape[1]) * static_cast<double>(shape[2]);
  if (tiles > 0 && last > static_cast<double>(floats.ElementLength())) fail("The tiles do not fit the Float32Array given for them.");
  return floats.Data() + offset;
}

Napi::Value gatherCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const StoredArray volume = storedOf(info[0], "volume");
    const TileLayout layout = layoutOf(info[1], volume.length());
    const Napi::Int32Array list = integersOf(info[2], "starts", 3);
    const auto shift = static_cast<float>(numberOf(info[3], "shift")), scale = static_cast<float>(numberOf(info[4], "scale"));
    const auto tiles = static_cast<int64_t>(list.ElementLength() / 3);
    float* target = blockOf(info[5], integerOf(info[6], "offset in the target", 0, int64_t{1} << 40), layout, tiles);
    std::vector<int32_t> starts(list.Data(), list.Data() + list.ElementLength());
    for (size_t n = 0; n < starts.size(); ++n) {
      const size_t axis = n % 3;
      if (starts[n] < 0 || starts[n] + layout.window[axis] > layout.volumeShape[axis] + 2 * layout.halo[axis]) fail("A tile's window leaves the padded volume.");
    }
    const CallControl control = controlOf(info[7]);
    return runAsync(
        info.Env(), [=] { return volume.device->gatherTiles(volume.floats(), layout, starts.data(), tiles, shift, scale, target, control); }, nullptr, {info[5]});
  });
}

Napi::Value scatterCall(const Napi::CallbackInfo& info) {
  return guardAsync(info.Env(), [&] {
    const StoredArray volume = storedOf(info[6], "volume");
    const TileLayout layout = layoutOf(info[2], volume.length());
    const Napi::Int32Array list = integersOf(info[3], "regions", 9);
    const auto scale = static_cast<float>(numberOf(info[4], "scale")), shift = static_cast<float>(numberOf(info[5], "shift"));
    const auto tiles = static_cast<int64_t>(list.ElementLength() / 9);
    const float* source = blockOf(info[0], integerOf(info[1], "offset in the source", 0, int64_t{1} << 40), layout, tiles);
    std::vector<int32_t> regions(list.Data(), list.Data() + list.ElementLength());
    for (size_t n = 0; n < regions.size(); n += 9) {
      for (size_t axis = 0; axis < 3; ++axis) {
        const int64_t keep = regions[n + axis], size = regions[n + 3 + axis], to = regions[n + 6 + axis];
        if (keep < 0 || size < 0 || to < 0 || keep + size > layout.networkShape[axis] || to + size > layout.volumeShape[axis]) fail("A tile's region leaves the tile or the volume.");
      }
    }
    const CallControl control = controlOf(info[7]);
    return runAsync(
        info.Env(), [=] { return volume.device->scatterTiles(source, layout, regions.data(), tiles, scale, shift, volume.floats(), control); }, nullptr, {info[0]});
  });
}

}  // namespace

void addTiles(Napi::Env env, Napi::Object exports) {
  exports.Set("gatherTiles", Napi::Function::New<gatherCall>(env));
  exports.Set("scatterTiles", Napi::Function::New<scatterCall>(env));
}

}  // namespace tomo::edge
