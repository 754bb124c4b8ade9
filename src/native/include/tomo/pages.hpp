// Memory that goes back to the system the moment it is given up, for buffers of many megabytes that last for one call.
#pragma once

#include <cstddef>

namespace tomo {

/// At least `bytes`, starting on a cache line, not set to anything. Throws std::bad_alloc where there is no room.
void* takeMemory(std::size_t bytes);

/// `bytes` as they were asked for.
void giveMemory(void* memory, std::size_t bytes) noexcept;

}  // namespace tomo
