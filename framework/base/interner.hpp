// Interner: names of ops, dtypes, layouts and architectures as small stable ids; thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

namespace tenon {

class Interner {
 public:
  // The id of (kind, name), the same for the life of the object; never 0 for a non-empty name.
  // 0 for an empty name and when k_max_names are in use: a plugin cannot exhaust the memory.
  std::uint32_t intern(std::uint32_t kind, std::string_view name);

  // The id if the name was interned before, else 0.
  std::uint32_t find(std::uint32_t kind, std::string_view name) const;

  // NULL if unknown; the string lives as long as the interner.
  const char* name(std::uint32_t id) const;

  static constexpr std::size_t k_max_names = 1u << 20;

 private:
  using Key = std::pair<std::uint32_t, std::string_view>;  // views into names_

  mutable std::shared_mutex mutex_;
  std::deque<std::string> names_;  // names_[id - 1]; a deque never moves its strings
  std::map<Key, std::uint32_t> ids_;
};

}  // namespace tenon
