// Errors as values: a code of src/shared/errors.ts and a plain sentence. Only napi/ turns them into JavaScript errors.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace tomo {

enum class ErrorCode { ok, badInput, notFound, unsupported, noSpace, outOfMemory, cancelled, internal };

/// The word src/shared/errors.ts uses for a code.
inline const char* errorWord(ErrorCode code) {
  switch (code) {
    case ErrorCode::ok: return "ok";
    case ErrorCode::badInput: return "bad_input";
    case ErrorCode::notFound: return "not_found";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::noSpace: return "no_space";
    case ErrorCode::outOfMemory: return "out_of_memory";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

/// Outcome of a call that returns nothing else.
struct [[nodiscard]] Status {
  ErrorCode code = ErrorCode::ok;
  std::string message;

  bool ok() const { return code == ErrorCode::ok; }
  static Status good() { return {}; }
  static Status fail(ErrorCode code, std::string message) { return {code, std::move(message)}; }
  static Status cancelledCall() { return {ErrorCode::cancelled, "Cancelled."}; }
};

/// A value or the reason why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}
  Result(Status status) : content_(std::move(status)) {}

  bool ok() const { return std::holds_alternative<T>(content_); }
  T& value() { return std::get<T>(content_); }
  const T& value() const { return std::get<T>(content_); }
  Status status() const { return ok() ? Status::good() : std::get<Status>(content_); }

 private:
  std::variant<T, Status> content_;
};

}  // namespace tomo
