// Named shared memory on POSIX systems and Windows; who creates, opens and removes names is left to the callers.
#include <cerrno>
#include <cstring>
#include <string>

#include "tomo/array.hpp"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <dirent.h>
#endif
#endif

namespace tomo {
namespace {

std::string sizeText(size_t bytes) { return std::to_string((bytes + (size_t{1} << 20) - 1) >> 20) + " MiB"; }

Status noSpace(size_t bytes) {
  return Status::fail(ErrorCode::noSpace, "Not enough shared memory for an array of " + sizeText(bytes) + ". Close other programs, use a smaller volume, or enlarge /dev/shm.");
}

Status missing(const std::string& name) {
  return Status::fail(ErrorCode::notFound, "The shared array " + name + " does not exist (any more). The process that made it may have ended.");
}

Status tooShort(const std::string& name) {
  return Status::fail(ErrorCode::badInput, "The shared array " + name + " is shorter than asked for.");
}

}  // namespace

#ifdef _WIN32

namespace {

std::string objectName(const std::string& name) { return "Local\\" + name; }

Result<ArrayPointer> wrap(HANDLE mapping, const std::string& name, int64_t length, size_t bytes) {
  void* view = MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, bytes);
  const DWORD error = GetLastError();
  CloseHandle(mapping);  // The view keeps the section alive.
  if (view == nullptr) return error == ERROR_ACCESS_DENIED ? tooShort(name) : noSpace(bytes);
  return std::make_shared<ArrayStorage>(static_cast<float*>(view), length, name, view, bytes, [](void* memory, size_t) { UnmapViewOfFile(memory); });
}

}  // namespace

Result<ArrayPointer> createSharedArray(const std::string& name, int64_t length) {
  const size_t bytes = static_cast<size_t>(length) * sizeof(float);
  const HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, static_cast<DWORD>(bytes >> 32), static_cast<DWORD>(bytes & 0xffffffffU), objectName(name).c_str());
  if (mapping == nullptr) return noSpace(bytes);
  if (GetLastError() == ERROR_ALREADY_EXISTS) {
    CloseHandle(mapping);
    return Status::fail(ErrorCode::badInput, "A shared array named " + name + " exists already.");
  }
  return wrap(mapping, name, length, bytes);
}

Result<ArrayPointer> openSharedArray(const std::string& name, int64_t length) {
  const HANDLE mapping = OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, objectName(name).c_str());
  if (mapping == nullptr) return missing(name);
  return wrap(mapping, name, length, static_cast<size_t>(length) * sizeof(float));
}

// Windows removes a name with its last handle.
bool unlinkSharedArray(const std::string&) { return false; }
std::vector<std::string> listSharedArrays(const std::string&) { return {}; }

#else

namespace {

std::string objectName(const std::string& name) { return "/" + name; }

/// Gives the object its size with memory behind it, so that lack of space is an error here and not a signal later.
int reserve(int file, size_t bytes) {
#ifdef __APPLE__
  return ftruncate(file, static_cast<off_t>(bytes)) == 0 ? 0 : errno;
#else
  int error = 0;
  do {
    error = posix_fallocate(file, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  return error;
#endif
}

Result<ArrayPointer> wrap(int file, const std::string& name, int64_t length, size_t bytes) {
  void* block = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (block == MAP_FAILED) return noSpace(bytes);
  return std::make_shared<ArrayStorage>(static_cast<float*>(block), length, name, block, bytes, [](void* memory, size_t size) { munmap(memory, size); });
}

}  // namespace

Result<ArrayPointer> createSharedArray(const std::string& name, int64_t length) {
  const size_t bytes = static_cast<size_t>(length) * sizeof(float);
  const int file = shm_open(objectName(name).c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file < 0) {
    if (errno == EEXIST) return Status::fail(ErrorCode::badInput, "A shared array named " + name + " exists already.");
    return Status::fail(ErrorCode::internal, "The shared array " + name + " cannot be made: " + std::strerror(errno) + ".");
  }
  if (const int error = reserve(file, bytes); error != 0) {
    close(file);
    shm_unlink(objectName(name).c_str());
    return noSpace(bytes);
  }
  Result<ArrayPointer> array = wrap(file, name, length, bytes);
  if (!array.ok()) shm_unlink(objectName(name).c_str());
  return array;
}

Result<ArrayPointer> openSharedArray(const std::string& name, int64_t length) {
  const size_t bytes = static_cast<size_t>(length) * sizeof(float);
  const int file = shm_open(objectName(name).c_str(), O_RDWR, 0600);
  if (file < 0) return missing(name);
  struct stat info {};
  // Touching pages beyond the end would be a signal.
  if (fstat(file, &info) != 0 || static_cast<size_t>(info.st_size) < bytes) {
    close(file);
    return tooShort(name);
  }
  return wrap(file, name, length, bytes);
}

bool unlinkSharedArray(const std::string& name) { return shm_unlink(objectName(name).c_str()) == 0; }

std::vector<std::string> listSharedArrays(const std::string& prefix) {
  std::vector<std::string> names;
#ifdef __linux__
  if (DIR* folder = opendir("/dev/shm"); folder != nullptr) {
    while (const dirent* entry = readdir(folder)) {
      const std::string name = entry->d_name;
      if (name != "." && name != ".." && name.compare(0, prefix.size(), prefix) == 0) names.push_back(name);
    }
    closedir(folder);
  }
#else
  (void)prefix;  // The system offers no list.
#endif
  return names;
}

#endif

}  // namespace tomo
