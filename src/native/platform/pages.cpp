// Large blocks as pages of their own on Linux: glibc keeps freed blocks below 32 MiB in a heap for each thread that ever ran, which grows with the number of
// calls. Elsewhere, and under the address sanitizer, which watches only what it hands out, the ordinary allocator.
#include "tomo/pages.hpp"

#include <new>

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#define TOMO_OWN_PAGES
#include <sys/mman.h>
#endif

namespace tomo {
namespace {

constexpr std::align_val_t cacheLine{64};

#if defined(TOMO_OWN_PAGES)
// Smaller blocks are not worth a call of the system.
constexpr std::size_t smallest = std::size_t{1} << 18;
#endif

}  // namespace

void* takeMemory(std::size_t bytes) {
#if defined(TOMO_OWN_PAGES)
  if (bytes >= smallest) {
    void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    return pages;
  }
#endif
  return ::operator new(bytes, cacheLine);
}

void giveMemory(void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(TOMO_OWN_PAGES)
  if (bytes >= smallest) {
    munmap(memory, bytes);
    return;
  }
#endif
  ::operator delete(memory, cacheLine);
}

}  // namespace tomo
