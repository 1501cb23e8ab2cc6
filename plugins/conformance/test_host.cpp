// The function table of the test host.
#include "test_host.hpp"

#include <utility>

namespace tenon::conformance {
namespace {

TestHost& host_of(void* ctx) { return *static_cast<TestHost*>(ctx); }

void log(void*, int32_t, const char*, const char*) {}

void set_error(void* ctx, tn_status, const char*, int32_t, const char* text) {
  host_of(ctx).set_error(text == nullptr ? "" : text);
}

tn_id intern(void* ctx, uint32_t kind, const char* name) { return host_of(ctx).intern(kind, name); }

const char* id_name(void* ctx, tn_id id) { return host_of(ctx).name(id); }

const void* get_extension(void*, const char*) { return nullptr; }

}  // namespace

TestHost::TestHost()
    : table_{sizeof(tn_host),        TN_ABI_MAJOR,        TN_ABI_MINOR, this,         log,
             conformance::set_error, conformance::intern, id_name,      get_extension} {}

tn_id TestHost::intern(uint32_t kind, const std::string& name) {
  const auto next = static_cast<tn_id>(ids_.size() + 1);
  const auto [at, inserted] = ids_.try_emplace({kind, name}, next);
  if (inserted) names_[next] = name;
  return at->second;
}

const char* TestHost::name(tn_id id) const {
  const auto at = names_.find(id);
  return at == names_.end() ? nullptr : at->second.c_str();
}

}  // namespace tenon::conformance
