// Private arrays; shared ones are in platform/shared_memory.cpp.
#include "tomo/array.hpp"

#include <cstdlib>

namespace tomo {

Result<ArrayPointer> makePrivateArray(int64_t length) {
  constexpr size_t alignment = 64;
  const size_t bytes = static_cast<size_t>(length) * sizeof(float) + alignment;
  // calloc leaves large blocks to the system's zero pages, so that memory counts only once it is used.
  void* block = std::calloc(bytes, 1);
  if (block == nullptr) {
    return Status::fail(ErrorCode::outOfMemory, "Not enough memory for an array of " + std::to_string(bytes >> 20) + " MiB. Close other programs or use a smaller volume.");
  }
  auto address = reinterpret_cast<uintptr_t>(block);
  address = (address + alignment - 1) / alignment * alignment;
  return std::make_shared<ArrayStorage>(reinterpret_cast<float*>(address), length, std::string(), block, bytes, [](void* memory, size_t) { std::free(memory); });
}

}  // namespace tomo
