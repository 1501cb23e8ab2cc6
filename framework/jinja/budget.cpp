// Steps, memory, and messages that are safe to print.
#include "framework/jinja/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <new>

#include "framework/base/utf8.hpp"

namespace tenon::jinja {
namespace {

constexpr std::uint64_t k_check_every = 8192;  // steps; some 0.5 ms

// What the heap takes for `bytes`: it rounds up, and keeps a note beside each block.
std::size_t cost_of(std::size_t bytes) { return (bytes / 16 + 2) * 16; }

// Controls, marks of direction and separators of lines change what a terminal shows around them.
bool is_printable(std::uint32_t c) {
  return c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0) && !(c >= 0x200B && c <= 0x200F) &&
         !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2060 && c <= 0x206F) && c != 0xFEFF;
}

}  // namespace

void Budget::check() {
  if (steps_ > limits_.steps)
    throw Failure{ErrorCode::model, fmt::format("more than {} steps", limits_.steps)};
  if (stop_)
    if (const std::optional<Error> why = stop_()) throw Failure{why->code(), why->message()};
  next_check_ = std::min(limits_.steps + 1, steps_ + k_check_every);
}

void* Budget::allocate(std::size_t bytes) {
  if (bytes > limits_.memory_bytes || bytes_ + cost_of(bytes) > limits_.memory_bytes)
    throw Failure{ErrorCode::model,
                  fmt::format("more than {} bytes of memory", limits_.memory_bytes)};
  work(bytes);
  void* memory = ::operator new(bytes);
  bytes_ += cost_of(bytes);
  peak_ = std::max(peak_, bytes_);
  return memory;
}

void Budget::release(void* memory, std::size_t bytes) noexcept {
  bytes_ -= cost_of(bytes);
  ::operator delete(memory);
}

std::string one_line(std::string_view message, std::size_t limit) {
  std::string out;
  while (!message.empty()) {
    const utf8::Decoded c = utf8::decode(message);
    const bool plain = c.state == utf8::State::valid && is_printable(c.code_point);
    std::string part;
    if (plain) part = message.substr(0, c.length);
    for (std::size_t i = 0; !plain && i < c.length; ++i)
      fmt::format_to(std::back_inserter(part), "\\x{:02x}", static_cast<std::uint8_t>(message[i]));
    if (out.size() + part.size() > limit) return out + "…";
    out += part;
    message.remove_prefix(c.length);
  }
  return out;
}

}  // namespace tenon::jinja
