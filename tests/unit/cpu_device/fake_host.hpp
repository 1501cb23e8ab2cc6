// A host for one plugin: interns names, remembers what was said last.
#pragma once

#include <tenon/abi/tenon.h>

#include <cstring>
#include <deque>
#include <mutex>
#include <string>

namespace tenon::test {

class FakeHost {
 public:
  FakeHost() {
    table_ = {sizeof(tn_host), TN_ABI_MAJOR, TN_ABI_MINOR, this,         log,
              set_error,       intern,       id_name,      get_extension};
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  const tn_host* table() const { return &table_; }
  tn_id id(const char* name) { return intern(this, TN_KIND_DTYPE, name); }
  std::string error() {
    std::scoped_lock lock(mutex_);
    return error_;
  }

 private:
  static FakeHost& self(void* ctx) { return *static_cast<FakeHost*>(ctx); }
  static void log(void*, int32_t, const char*, const char*) {}
  static void set_error(void* ctx, tn_status, const char*, int32_t, const char* text) {
    std::scoped_lock lock(self(ctx).mutex_);
    self(ctx).error_ = text;
  }
  static tn_id intern(void* ctx, uint32_t, const char* name) {
    std::scoped_lock lock(self(ctx).mutex_);
    auto& names = self(ctx).names_;
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return static_cast<tn_id>(i + 1);
    }
    names.emplace_back(name);
    return static_cast<tn_id>(names.size());
  }
  static const char* id_name(void* ctx, tn_id id) {
    std::scoped_lock lock(self(ctx).mutex_);
    const auto& names = self(ctx).names_;
    return id >= 1 && id <= names.size() ? names[id - 1].c_str() : nullptr;
  }
  static const void* get_extension(void*, const char*) { return nullptr; }

  tn_host table_;
  std::mutex mutex_;
  std::deque<std::string> names_;
  std::string error_;
};

}  // namespace tenon::test
