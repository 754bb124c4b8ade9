// The classes that JavaScript holds: arrays and cancel tokens.
#pragma once

#include <napi.h>

#include "edge.hpp"

namespace tomo::edge {

/// NativeArray of api.ts. Running calls hold the storage too, so closing never pulls memory from under them.
class ArrayObject final : public Napi::ObjectWrap<ArrayObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit ArrayObject(const Napi::CallbackInfo& info);
  void Finalize(Napi::Env env) override { release(env); }

  /// Null once closed.
  const std::shared_ptr<StoredArray>& storage() const { return storage_; }
  static Napi::Object wrap(Napi::Env env, StoredArray storage);

 private:
  const StoredArray& open(const char* what) const;
  int64_t hostBytes() const;
  void release(Napi::Env env);
  Napi::Value length(const Napi::CallbackInfo& info);
  Napi::Value name(const Napi::CallbackInfo& info);
  Napi::Value device(const Napi::CallbackInfo& info);
  Napi::Value closed(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value fill(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  std::shared_ptr<StoredArray> storage_;
  int64_t length_ = 0;
  std::string name_, device_;
};

/// CancelToken of api.ts.
class TokenObject final : public Napi::ObjectWrap<TokenObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit TokenObject(const Napi::CallbackInfo& info);
  const std::shared_ptr<CancelState>& state() const { return state_; }

 private:
  Napi::Value cancel(const Napi::CallbackInfo& info);
  Napi::Value cancelled(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);

  std::shared_ptr<CancelState> state_ = std::make_shared<CancelState>();
};

}  // namespace tomo::edge
