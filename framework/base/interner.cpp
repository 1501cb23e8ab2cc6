// Interner: see interner.hpp. Look-ups share the lock; only a new name takes it alone.
#include "framework/base/interner.hpp"

namespace tenon {

std::uint32_t Interner::find(std::uint32_t kind, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = ids_.find(Key{kind, name});
  return found == ids_.end() ? 0 : found->second;
}

std::uint32_t Interner::intern(std::uint32_t kind, std::string_view name) {
  if (name.empty()) return 0;
  if (const std::uint32_t known = find(kind, name)) return known;
  const std::unique_lock lock(mutex_);
  if (const auto found = ids_.find(Key{kind, name}); found != ids_.end()) return found->second;
  if (names_.size() >= k_max_names) return 0;
  names_.emplace_back(name);
  const auto id = static_cast<std::uint32_t>(names_.size());
  ids_.emplace(Key{kind, names_.back()}, id);
  return id;
}

const char* Interner::name(std::uint32_t id) const {
  const std::shared_lock lock(mutex_);
  return id == 0 || id > names_.size() ? nullptr : names_[id - 1].c_str();
}

}  // namespace tenon
