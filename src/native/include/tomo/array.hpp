// A float32 array with an owner: private memory or named shared memory; released when the last user lets go.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tomo/error.hpp"

namespace tomo {

class ArrayStorage {
 public:
  using Release = void (*)(void* block, size_t bytes);

  ArrayStorage(float* data, int64_t length, std::string name, void* block, size_t blockBytes, Release release)
      : data_(data), length_(length), name_(std::move(name)), block_(block), blockBytes_(blockBytes), release_(release) {}
  ~ArrayStorage() { release_(block_, blockBytes_); }
  ArrayStorage(const ArrayStorage&) = delete;
  ArrayStorage& operator=(const ArrayStorage&) = delete;

  float* data() const { return data_; }
  int64_t length() const { return length_; }
  /// Empty for private memory.
  const std::string& name() const { return name_; }

 private:
  float* data_;
  int64_t length_;
  std::string name_;
  void* block_;
  size_t blockBytes_;
  Release release_;
};

using ArrayPointer = std::shared_ptr<ArrayStorage>;

/// Zeroed private memory, aligned to a cache line.
Result<ArrayPointer> makePrivateArray(int64_t length);

// platform/shared_memory.cpp, the one file that differs between systems for these.
Result<ArrayPointer> createSharedArray(const std::string& name, int64_t length);
Result<ArrayPointer> openSharedArray(const std::string& name, int64_t length);
bool unlinkSharedArray(const std::string& name);
std::vector<std::string> listSharedArrays(const std::string& prefix);

}  // namespace tomo
