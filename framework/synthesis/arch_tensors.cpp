// create and declare of an architecture, on a draft.
#include "framework/synthesis/arch_tensors.hpp"

#include <tenon/abi/arch.h>

#include <memory>

#include "framework/base/guarded.hpp"
#include "framework/base/quoted.hpp"
#include "framework/engine/load/meta_table.hpp"

namespace tenon {
namespace {

constexpr std::uint32_t k_max_rank = 4;

using Tensors = std::vector<ArchTensor>;

// These are called from C: nothing may leave them by throwing.
tn_status add_tensor(void* ctx, const char* name, std::uint32_t flags, std::uint32_t rank,
                     const std::int64_t* dim) {
  return guarded(tn_status{TN_ERR_OOM}, [&]() -> tn_status {
    if (name == nullptr || dim == nullptr || rank > k_max_rank) return TN_ERR_INVALID;
    static_cast<Tensors*>(ctx)->push_back(
        {name, (flags & TN_TENSOR_OPTIONAL) != 0, {dim, dim + rank}});
    return TN_OK;
  });
}
tn_status no_state(void*, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t,
                   std::int64_t) {
  return TN_OK;
}
tn_status no_limit(void*, const char*, std::int64_t) { return TN_OK; }

}  // namespace

Result<Tensors> arch_tensors(const GgufFile& draft, std::string_view arch, std::int64_t vocab,
                             std::int64_t width, const HostTable& host, const Catalog& catalog) {
  const ArchOffer* offer = catalog.find_arch(arch);
  if (offer == nullptr)
    return fail(ErrorCode::unavailable,
                "no plugin offers the architecture " + quoted(arch) + catalog.refusals({"arch"}));
  const tn_arch_desc& desc = *offer->desc;
  const auto refused = [&](tn_status status) {
    return fail(ErrorCode::failed, host.to_error(status, desc.id).message());
  };
  const MetaTable meta(draft, [=](std::string_view name, std::uint32_t axis) -> std::int64_t {
    if (name != "token_embd.weight" || axis > 1) return 0;
    return axis == 0 ? vocab : width;
  });
  tn_arch* raw = nullptr;
  host.take_error();
  const tn_status created = desc.create(host.get(), meta.table(), &raw);
  if (created != TN_OK || raw == nullptr) return refused(created);
  const std::unique_ptr<tn_arch, void (*)(tn_arch*)> owned(raw, desc.destroy);
  Tensors tensors;
  const tn_declare table{sizeof(tn_declare), 0, &tensors, add_tensor, no_state, no_limit};
  const tn_status declared = desc.declare(raw, &table);
  if (declared != TN_OK) return refused(declared);
  return tensors;
}

}  // namespace tenon
