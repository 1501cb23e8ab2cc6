// Errors are values: Result<T> is a T or an Error that names what went wrong and how to exit.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace tenon {

// The kinds of failure a user can meet; the numbers are the exit codes of the command line.
enum class ErrorCode : std::uint8_t {
  failed = 1,       // failed while running
  usage = 2,        // wrong usage
  model = 3,        // the model file is unreadable, unsupported or invalid
  unavailable = 4,  // no usable backend, plugin or device
  limit = 5,        // memory, context or deadline: the message says needed and available
  gate = 6,         // a comparison or gate did not hold
  cancelled = 130,  // interrupted
};

class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  // One line for the user; names the file, byte offset, field, tensor, op or device.
  const std::string& message() const { return message_; }

 private:
  ErrorCode code_;
  std::string message_;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// `return fail(ErrorCode::model, "…")` from any function that returns a Result.
inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error(code, std::move(message)));
}

// `return fail(result)` passes an error on.
template <class T>
tl::unexpected<Error> fail(const Result<T>& failed) {
  return tl::unexpected<Error>(failed.error());
}

}  // namespace tenon
