// Reading and filling structs that grow: as many bytes as both sides know.
#pragma once

#include <tenon/abi/base.h>

#include <algorithm>
#include <cstring>

#pragma GCC visibility push(hidden)
namespace tenon {
namespace sdk {
inline namespace v1_0 {

// An in-struct as this side knows it: the fields that a shorter one lacks are zero, their default.
template <class T>
T take(const T* in) {
  T own{};
  std::memcpy(&own, in, std::min<size_t>(in->struct_size, sizeof own));
  own.struct_size = sizeof own;
  return own;
}

// Fills an out-struct that the caller has sized.
template <class T>
void reply(T* out, const T& value) {
  const uint32_t size = out->struct_size;
  std::memcpy(out, &value, std::min<size_t>(size, sizeof value));
  out->struct_size = size;
}

// Element i of an array whose elements may be longer than this side knows.
template <class T>
const T& at(const T* first, uint32_t stride, uint64_t i) {
  return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(first) + i * stride);
}
template <class T>
T& at(T* first, uint32_t stride, uint64_t i) {
  return *reinterpret_cast<T*>(reinterpret_cast<char*>(first) + i * stride);
}

// Answers a list call (first, stride, cap, n) with `count` items made by item(i).
template <class T, class Item>
void reply_list(T* first, uint32_t stride, uint32_t cap, uint32_t* n, uint32_t count, Item item) {
  *n = count;
  for (uint32_t i = 0; i < std::min(cap, count); ++i) reply(&at(first, stride, i), item(i));
}

// True when `flags` asks for something that must be understood and is not among `known`.
inline bool must_decline(uint32_t flags, uint32_t known = 0) {
  return (flags & TN_MUST_UNDERSTAND & ~known) != 0;
}

}  // namespace v1_0
}  // namespace sdk
}  // namespace tenon
#pragma GCC visibility pop
