// The smallest host a pack can be given: an interner, and the last error it reported.
#pragma once

#include <tenon/abi/tenon.h>

#include <map>
#include <string>
#include <vector>

namespace tenon::conformance {

class TestHost {
 public:
  TestHost();
  TestHost(const TestHost&) = delete;
  TestHost& operator=(const TestHost&) = delete;

  const tn_host* table() const { return &table_; }
  tn_id intern(uint32_t kind, const std::string& name);
  const char* name(tn_id id) const;
  const std::string& last_error() const { return last_error_; }
  void set_error(std::string text) { last_error_ = std::move(text); }

 private:
  tn_host table_;
  std::map<std::pair<uint32_t, std::string>, tn_id> ids_;
  std::map<tn_id, std::string> names_;
  std::string last_error_;
};

}  // namespace tenon::conformance
