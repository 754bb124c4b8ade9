// A network on the processor as an object of the addon: weights, regions and lengths are checked here, before native code follows them.
#include "tomo/drunet.hpp"

#include "edge.hpp"

namespace tomo::edge {
namespace {

constexpr int64_t largestWindow = int64_t{1} << 40;

Napi::Float32Array floatsOf(Napi::Value value, const char* what) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) fail(std::string("The ") + what + " must be a Float32Array.");
  return value.As<Napi::Float32Array>();
}

LevelBox boxOf(Napi::Value value, const char* what) {
  if (!value.IsObject()) fail(std::string("The ") + what + " must be an object with start and end.");
  const auto object = value.As<Napi::Object>();
  const LevelBox box{tripleOf(object.Get("start"), what, 0), tripleOf(object.Get("end"), what, 1)};
  for (size_t axis = 0; axis < 3; ++axis) {
    if (box.end[axis] <= box.start[axis]) fail(std::string("The ") + what + " is empty.");
  }
  return box;
}

void requireInside(const LevelBox& inner, const LevelBox& outer, const char* what) {
  for (size_t axis = 0; axis < 3; ++axis) {
    if (inner.start[axis] < outer.start[axis] || inner.end[axis] > outer.end[axis]) fail(std::string("The ") + what + " of a level lies outside what it is computed from.");
  }
}

/// [{ encoder: {start, end}, pairedSlices, decoder: {start, end} }] from the finest level to the coarsest.
DrunetRegions regionsOf(Napi::Value value) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != drunetLevels) fail("A network has four levels.");
  const auto list = value.As<Napi::Array>();
  DrunetRegions regions;
  for (uint32_t n = 0; n < drunetLevels; ++n) {
    if (!list.Get(n).IsObject()) fail("A level must be an object.");
    const auto object = list.Get(n).As<Napi::Object>();
    auto& level = regions[n];
    level.encoder = boxOf(object.Get("encoder"), "encoder");
    level.decoder = boxOf(object.Get("decoder"), "decoder");
    level.pairedSlices = integerOf(object.Get("pairedSlices"), "paired slices", 1, largestWindow);
    requireInside(level.decoder, level.encoder, "decoder");
    if (n == 0) continue;
    const auto& finer = regions[n - 1];
    const int64_t slices = level.encoder.size(0);
    if (2 * slices != finer.pairedSlices || finer.pairedSlices < finer.encoder.size(0) || 2 * level.encoder.size(1) != finer.encoder.size(1) ||
        2 * level.encoder.size(2) != finer.encoder.size(2)) {
      fail("A level's encoder must be half as large as the one before.");
    }
    LevelBox doubled = level.decoder;
    for (size_t axis = 0; axis < 3; ++axis) {
      doubled.start[axis] *= 2;
      doubled.end[axis] *= 2;
    }
    requireInside(finer.decoder, doubled, "decoder");
  }
  const auto &last = regions[drunetLevels - 1].decoder, &turn = regions[drunetLevels - 1].encoder;
  if (last.start != turn.start || last.end != turn.end) fail("At the coarsest level encoder and decoder are the same.");
  return regions;
}

double voxelsOf(const LevelBox& box) { return static_cast<double>(box.size(0)) * static_cast<double>(box.size(1)) * static_cast<double>(box.size(2)); }

class NetworkObject final : public Napi::ObjectWrap<NetworkObject> {
 public:
  static Napi::Function classOf(Napi::Env env) {
    return DefineClass(env, "NativeNetwork", {InstanceMethod<&NetworkObject::run>("run"), InstanceMethod<&NetworkObject::workingBytes>("workingBytes"), InstanceMethod<&NetworkObject::close>("close")});
  }

  explicit NetworkObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NetworkObject>(info) {
    guard(info.Env(), [&] {
      DrunetLayout layout;
      if (!info[0].IsArray() || info[0].As<Napi::Array>().Length() != drunetLevels) fail("A network has four numbers of channels.");
      for (uint32_t n = 0; n < drunetLevels; ++n) layout.channels[n] = integerOf(info[0].As<Napi::Array>().Get(n), "channels", 1, 1 << 16);
      layout.blocks = integerOf(info[1], "residual blocks", 1, 64);
      const Napi::Float32Array weights = floatsOf(info[2], "weights");
      int64_t length = 0;
      for (const int64_t each : Drunet::weightLengths(layout)) length += each;
      if (static_cast<int64_t>(weights.ElementLength()) != length) fail("The number of weights does not fit the network's layout.");
      auto created = Drunet::create(layout, weights.Data());
      require(created.status());
      network_ = created.value();
      return info.Env().Undefined().As<Napi::Value>();
    });
  }

 private:
  Napi::Value run(const Napi::CallbackInfo& info) {
    return guardAsync(info.Env(), [&] {
      if (!network_) fail("The network is closed.");
      const Napi::Float32Array input = floatsOf(info[0], "input");
      Napi::Float32Array output = floatsOf(info[1], "output");
      const int64_t batch = integerOf(info[2], "batch", 1, largestWindow);
      const DrunetRegions regions = regionsOf(info[3]);
      const auto windows = static_cast<double>(batch);
      if (windows * 2 * voxelsOf(regions[0].encoder) > static_cast<double>(input.ElementLength()) || windows * voxelsOf(regions[0].decoder) > static_cast<double>(output.ElementLength())) {
        fail("The windows do not fit the arrays given for them.");
      }
      const CallControl control = controlOf(info[4]);
      const float* from = input.Data();
      float* to = output.Data();
      return runAsync(info.Env(), [network = network_, from, to, batch, regions, control] { return network->run(from, to, batch, regions, control); }, nullptr, {info[0], info[1]});
    });
  }

  Napi::Value workingBytes(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      if (!network_) fail("The network is closed.");
      const auto threads = static_cast<int>(integerOf(info[1], "threads", 1, 256));
      return Napi::Number::New(info.Env(), static_cast<double>(network_->workingBytes(regionsOf(info[0]), threads)));
    });
  }

  void close(const Napi::CallbackInfo&) { network_.reset(); }

  std::shared_ptr<const Drunet> network_;
};

}  // namespace

void addNetwork(Napi::Env env, Napi::Object exports) {
  env.GetInstanceData<AddonData>()->networkClass = Napi::Persistent(NetworkObject::classOf(env));
  exports.Set("createNetwork", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
    return info.Env().GetInstanceData<AddonData>()->networkClass.New({info[0], info[1], info[2]});
  }));
}

}  // namespace tomo::edge
