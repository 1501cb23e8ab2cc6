// EncodeBudget: how much work, and how many tokens, one text may cost; and whether somebody waits.
#pragma once

#include <fmt/format.h>

#include <cstdint>

#include "framework/base/raised.hpp"
#include "framework/base/result.hpp"

namespace tenon {

class EncodeBudget {
 public:
  // `cancel` may be nullptr; it is looked at each time that something is spent.
  EncodeBudget(std::size_t text_bytes, std::size_t max_tokens, const std::uint32_t* cancel)
      : steps_(k_steps + k_steps_per_byte * text_bytes), max_tokens_(max_tokens), cancel_(cancel) {}

  // False: give up; status() says why.
  bool spend(std::uint64_t steps) {
    if (raised(cancel_) || steps > steps_) return stopped_ = true, false;
    steps_ -= steps;
    return true;
  }
  bool room_for(std::size_t n_tokens) {
    if (n_tokens > max_tokens_) too_many_ = true;
    return !too_many_;
  }

  Status status() const {
    if (too_many_)
      return fail(ErrorCode::limit,
                  fmt::format("text to tokenize: more than {} tokens", max_tokens_));
    if (!stopped_) return {};
    if (raised(cancel_)) return fail(ErrorCode::cancelled, "text to tokenize: cancelled");
    return fail(ErrorCode::limit, "text to tokenize: this vocabulary takes too many steps for it");
  }

 private:
  // An honest vocabulary takes a few steps for each byte.
  static constexpr std::uint64_t k_steps = std::uint64_t{1} << 26;
  static constexpr std::uint64_t k_steps_per_byte = 64;

  std::uint64_t steps_;
  std::size_t max_tokens_;
  const std::uint32_t* cancel_;
  bool stopped_ = false, too_many_ = false;
};

}  // namespace tenon
