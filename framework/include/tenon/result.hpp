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

// What the caller could set otherwise to be served, by the names of Engine::Builder and Request. A
// front end adds how its own users say it.
enum class Setting : std::uint8_t {
  none,
  backend,
  context,
  cache_type,
  kernel,
  chat_template,  // complete() needs none
};

class Error {
 public:
  Error(ErrorCode code, std::string message, Setting setting = Setting::none)
      : code_(code), setting_(setting), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  Setting setting() const { return setting_; }
  // For the user; names the file, byte offset, field, tensor, op or device. One line, and one more
  // for each candidate where there are several.
  const std::string& message() const { return message_; }

 private:
  ErrorCode code_;
  Setting setting_;
  std::string message_;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// `return fail(ErrorCode::model, "…")` from any function that returns a Result.
inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                  Setting setting = Setting::none) {
  return tl::unexpected<Error>(Error(code, std::move(message), setting));
}

// `return fail(result)` passes an error on.
template <class T>
tl::unexpected<Error> fail(const Result<T>& failed) {
  return tl::unexpected<Error>(failed.error());
}

}  // namespace tenon
