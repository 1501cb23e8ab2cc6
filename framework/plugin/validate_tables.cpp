// One row per mandatory slot: a table is valid if its size is plausible and no such slot is NULL.
#include "framework/plugin/validate_tables.hpp"

#include <fmt/format.h>
#include <tenon/abi/sizes_1_0.h>
#include <tenon/abi/slots/cpu.h>
#include <tenon/abi/slots/opencl.h>
#include <tenon/abi/slots/vulkan.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <set>
#include <string>
#include <string_view>

namespace tenon {
namespace {

constexpr std::uint32_t k_max_struct = 64 * 1024;
constexpr std::uint32_t k_max_entries = 65536;  // kernels, layouts or architectures of one plugin
constexpr std::size_t k_max_text = 256;

// A pointer that must not be NULL.
struct Slot {
  std::string_view name;
  std::size_t offset;
};

// min_size: what the struct has in minor 0, whatever the host knows.
struct Table {
  std::string_view name;
  std::size_t min_size;
  std::span<const Slot> slots;
  bool has_flags = false;  // behind struct_size; none is named in minor 0
};

constexpr std::array k_plugin_slots{
    Slot{"id", offsetof(tn_plugin, id)},
    Slot{"version", offsetof(tn_plugin, version)},
    Slot{"vendor", offsetof(tn_plugin, vendor)},
    Slot{"init", offsetof(tn_plugin, init)},
    Slot{"shutdown", offsetof(tn_plugin, shutdown)},
    Slot{"get_factory", offsetof(tn_plugin, get_factory)},
};
constexpr std::array k_backend_slots{
    Slot{"id", offsetof(tn_backend_factory, id)},
    Slot{"api", offsetof(tn_backend_factory, api)},
    Slot{"create", offsetof(tn_backend_factory, create)},
    Slot{"destroy", offsetof(tn_backend_factory, destroy)},
    Slot{"enumerate", offsetof(tn_backend_factory, enumerate)},
    Slot{"open", offsetof(tn_backend_factory, open)},
};
// buffer_map and buffer_unmap may be NULL.
constexpr std::array k_device_slots{
    Slot{"close", offsetof(tn_device_api, close)},
    Slot{"get_heaps", offsetof(tn_device_api, get_heaps)},
    Slot{"get_extension", offsetof(tn_device_api, get_extension)},
    Slot{"buffer_alloc", offsetof(tn_device_api, buffer_alloc)},
    Slot{"buffer_free", offsetof(tn_device_api, buffer_free)},
    Slot{"timeline_create", offsetof(tn_device_api, timeline_create)},
    Slot{"timeline_destroy", offsetof(tn_device_api, timeline_destroy)},
    Slot{"timeline_query", offsetof(tn_device_api, timeline_query)},
    Slot{"timeline_wait", offsetof(tn_device_api, timeline_wait)},
    Slot{"queue_open", offsetof(tn_device_api, queue_open)},
    Slot{"queue_close", offsetof(tn_device_api, queue_close)},
    Slot{"submit", offsetof(tn_device_api, submit)},
    Slot{"supports", offsetof(tn_device_api, supports)},
    Slot{"compile", offsetof(tn_device_api, compile)},
    Slot{"plan_info", offsetof(tn_device_api, plan_info)},
    Slot{"plan_free", offsetof(tn_device_api, plan_free)},
    Slot{"weight_put", offsetof(tn_device_api, weight_put)},
    Slot{"weights_commit", offsetof(tn_device_api, weights_commit)},
    Slot{"weight_free", offsetof(tn_device_api, weight_free)},
    Slot{"kv_create", offsetof(tn_device_api, kv_create)},
    Slot{"kv_free", offsetof(tn_device_api, kv_free)},
    Slot{"kv_size", offsetof(tn_device_api, kv_size)},
};
constexpr std::array k_op_decl_slots{
    Slot{"op", offsetof(tn_op_decl, op)},
    Slot{"in_dtypes", offsetof(tn_op_decl, in_dtypes)},
    Slot{"out_dtypes", offsetof(tn_op_decl, out_dtypes)},
};
constexpr std::array k_pack_slots{
    Slot{"pack", offsetof(tn_kernel_factory, pack)},
    Slot{"kernels", offsetof(tn_kernel_factory, kernels)},
    Slot{"layouts", offsetof(tn_kernel_factory, layouts)},
};
constexpr std::array k_kernel_slots{
    Slot{"id", offsetof(tn_kernel_desc, id)},
    Slot{"slot", offsetof(tn_kernel_desc, slot)},
    Slot{"op", offsetof(tn_kernel_desc, op)},
    Slot{"in_dtypes", offsetof(tn_kernel_desc, in_dtypes)},
    Slot{"out_dtypes", offsetof(tn_kernel_desc, out_dtypes)},
    Slot{"impl", offsetof(tn_kernel_desc, impl)},
};
constexpr std::array k_cpu_kernel_slots{
    Slot{"plan", offsetof(tn_cpu_kernel, plan)},
    Slot{"run", offsetof(tn_cpu_kernel, run)},
};
constexpr std::array k_vk_kernel_slots{Slot{"dispatches", offsetof(tn_vk_kernel, dispatches)}};
constexpr std::array k_cl_kernel_slots{Slot{"dispatches", offsetof(tn_cl_kernel, dispatches)}};
constexpr std::array k_layout_slots{
    Slot{"id", offsetof(tn_layout_desc, id)},
    Slot{"dtype", offsetof(tn_layout_desc, dtype)},
    Slot{"slot", offsetof(tn_layout_desc, slot)},
    Slot{"packed_size", offsetof(tn_layout_desc, packed_size)},
    Slot{"pack", offsetof(tn_layout_desc, pack)},
    Slot{"unpack", offsetof(tn_layout_desc, unpack)},
};
constexpr std::array k_arch_factory_slots{Slot{"archs", offsetof(tn_arch_factory, archs)}};
constexpr std::array k_arch_slots{
    Slot{"id", offsetof(tn_arch_desc, id)},
    Slot{"gguf_archs", offsetof(tn_arch_desc, gguf_archs)},
    Slot{"create", offsetof(tn_arch_desc, create)},
    Slot{"declare", offsetof(tn_arch_desc, declare)},
    Slot{"build", offsetof(tn_arch_desc, build)},
    Slot{"destroy", offsetof(tn_arch_desc, destroy)},
};

constexpr Table k_plugin{"tn_plugin", TN_SIZE_1_0_tn_plugin, k_plugin_slots};
constexpr Table k_backend{"tn_backend_factory", TN_SIZE_1_0_tn_backend_factory, k_backend_slots,
                          true};
constexpr Table k_device{"tn_device_api", TN_SIZE_1_0_tn_device_api, k_device_slots, true};
constexpr Table k_op_decl{"tn_op_decl", TN_SIZE_1_0_tn_op_decl, k_op_decl_slots, true};
constexpr Table k_pack{"tn_kernel_factory", TN_SIZE_1_0_tn_kernel_factory, k_pack_slots, true};
constexpr Table k_kernel{"tn_kernel_desc", TN_SIZE_1_0_tn_kernel_desc, k_kernel_slots};
constexpr Table k_cpu_kernel{"tn_cpu_kernel", TN_SIZE_1_0_tn_cpu_kernel, k_cpu_kernel_slots, true};
constexpr Table k_vk_kernel{"tn_vk_kernel", TN_SIZE_1_0_tn_vk_kernel, k_vk_kernel_slots, true};
constexpr Table k_cl_kernel{"tn_cl_kernel", TN_SIZE_1_0_tn_cl_kernel, k_cl_kernel_slots, true};
constexpr Table k_layout{"tn_layout_desc", TN_SIZE_1_0_tn_layout_desc, k_layout_slots};
constexpr Table k_arch_factory{"tn_arch_factory", TN_SIZE_1_0_tn_arch_factory, k_arch_factory_slots,
                               true};
constexpr Table k_arch{"tn_arch_desc", TN_SIZE_1_0_tn_arch_desc, k_arch_slots, true};

tl::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorCode::unavailable, std::move(reason));
}

// `object` is read only as far as its own struct_size, once that is known to cover ABI 1.0.
Status check_table(const Table& table, const void* object) {
  if (object == nullptr) return refuse(fmt::format("{} is NULL", table.name));
  std::uint32_t size = 0;
  std::memcpy(&size, object, sizeof size);
  if (size < table.min_size || size > k_max_struct || size % 8 != 0) {
    return refuse(fmt::format("lying struct_size: {} says {} bytes, ABI 1.0 has {}", table.name,
                              size, table.min_size));
  }
  std::uint32_t flags = 0;
  if (table.has_flags) {
    std::memcpy(&flags, static_cast<const std::byte*>(object) + sizeof size, sizeof flags);
  }
  if ((flags & TN_MUST_UNDERSTAND) != 0) {
    return refuse(fmt::format("{} has flags ({:#x}) that a newer host would understand", table.name,
                              flags & TN_MUST_UNDERSTAND));
  }
  for (const Slot& slot : table.slots) {
    const void* value = nullptr;
    std::memcpy(&value, static_cast<const std::byte*>(object) + slot.offset, sizeof value);
    if (value == nullptr) return refuse(fmt::format("{}.{} is NULL", table.name, slot.name));
  }
  return {};
}

// A name that users type and messages print: short, printable, without spaces.
Status check_name(std::string_view what, const char* name) {
  const std::string_view text(name, strnlen(name, k_max_text));
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (text.empty() || text.size() == k_max_text || !plain) {
    return refuse(fmt::format("{} is not a name", what));
  }
  return {};
}

// NULL is the empty list where `optional`.
Status check_names(std::string_view what, const char* const* list, bool optional) {
  if (list == nullptr) return optional ? Status{} : refuse(fmt::format("{} is NULL", what));
  for (std::uint32_t i = 0; list[i] != nullptr; ++i) {
    if (i >= k_max_text) return refuse(fmt::format("{} has no end", what));
    if (auto ok = check_name(what, list[i]); !ok) return ok;
  }
  return {};
}

// The first refusal of several checks.
Status all_of(std::initializer_list<Status> checks) {
  const auto bad = std::find_if(checks.begin(), checks.end(), [](const Status& s) { return !s; });
  return bad == checks.end() ? Status{} : *bad;
}

// Calls `check` on every entry, whose table is valid by then; ids must differ.
template <class Desc, class Check>
Status check_entries(const Table& table, std::span<const Desc* const> entries, Check check) {
  std::set<std::string_view> ids;
  for (const Desc* entry : entries) {
    if (auto ok = check_table(table, entry); !ok) return ok;
    if (auto ok = check_name(fmt::format("{}.id", table.name), entry->id); !ok) return ok;
    if (auto ok = check(*entry); !ok) {
      return refuse(fmt::format("{}: {}", entry->id, ok.error().message()));
    }
    if (!ids.insert(entry->id).second) {
      return refuse(fmt::format("{} {} is listed twice", table.name, entry->id));
    }
  }
  return {};
}

template <class Desc>
Status read_array(std::string_view what, uint32_t (*list)(const Desc* const**),
                  std::span<const Desc* const>& out) {
  const Desc* const* first = nullptr;
  const std::uint32_t count = list(&first);
  if (count > k_max_entries) return refuse(fmt::format("{} lists {} entries", what, count));
  if (count != 0 && first == nullptr) return refuse(fmt::format("{} gives no array", what));
  out = {first, count};
  return {};
}

// What `impl` points at, by slot; slots that are not in this table belong to backends unknown here.
struct SlotImpl {
  std::string_view slot;
  Table table;
};
constexpr std::array k_slot_impls{SlotImpl{TN_SLOT_CPU, k_cpu_kernel},
                                  SlotImpl{TN_SLOT_VULKAN, k_vk_kernel},
                                  SlotImpl{TN_SLOT_OPENCL, k_cl_kernel}};

Status check_kernel(const tn_kernel_desc& kernel) {
  for (const SlotImpl& row : k_slot_impls) {
    if (row.slot != kernel.slot) continue;
    if (auto ok = check_table(row.table, kernel.impl); !ok) return ok;
  }
  return all_of({check_name("slot", kernel.slot), check_name("op", kernel.op),
                 check_names("in_dtypes", kernel.in_dtypes, false),
                 check_names("out_dtypes", kernel.out_dtypes, false),
                 check_names("needs", kernel.needs, true),
                 check_names("layouts", kernel.layouts, true),
                 kernel.arithmetic ? check_name("arithmetic", kernel.arithmetic) : Status{}});
}

Status check_layout(const tn_layout_desc& layout) {
  if (layout.group_rows == 0) return refuse("group_rows is 0");
  return all_of({check_name("dtype", layout.dtype), check_name("slot", layout.slot)});
}

Status check_op_decl(const tn_op_decl& decl) {
  return all_of({check_name("op", decl.op), check_names("in_dtypes", decl.in_dtypes, false),
                 check_names("out_dtypes", decl.out_dtypes, false)});
}

}  // namespace

Status validate_plugin(const tn_plugin* plugin) {
  if (auto ok = check_table(k_plugin, plugin); !ok) return ok;
  return all_of(
      {check_name("tn_plugin.id", plugin->id), check_name("tn_plugin.version", plugin->version)});
}

Status validate_backend(const tn_backend_factory* factory, PluginTables& out) {
  if (auto ok = check_table(k_backend, factory); !ok) return ok;
  if (auto ok = check_table(k_device, factory->api); !ok) return ok;
  if (auto ok = check_name("tn_backend_factory.id", factory->id); !ok) return ok;
  std::span<const tn_op_decl* const> decls;
  if (factory->ops != nullptr) {
    if (auto ok = read_array("tn_backend_factory.ops", factory->ops, decls); !ok) return ok;
  }
  for (const tn_op_decl* decl : decls) {
    if (auto ok = check_table(k_op_decl, decl); !ok) return ok;
    if (auto ok = check_op_decl(*decl); !ok) return ok;
  }
  out.backend = factory;
  return {};
}

Status validate_pack(const tn_kernel_factory* factory, PluginTables& out) {
  if (auto ok = check_table(k_pack, factory); !ok) return ok;
  if (auto ok = check_name("tn_kernel_factory.pack", factory->pack); !ok) return ok;
  std::span<const tn_kernel_desc* const> kernels;
  std::span<const tn_layout_desc* const> layouts;
  if (auto ok = read_array("tn_kernel_factory.kernels", factory->kernels, kernels); !ok) return ok;
  if (auto ok = read_array("tn_kernel_factory.layouts", factory->layouts, layouts); !ok) return ok;
  if (auto ok = check_entries(k_kernel, kernels, check_kernel); !ok) return ok;
  if (auto ok = check_entries(k_layout, layouts, check_layout); !ok) return ok;
  out.pack = factory;
  out.kernels = kernels;
  out.layouts = layouts;
  return {};
}

Status validate_archs(const tn_arch_factory* factory, PluginTables& out) {
  if (auto ok = check_table(k_arch_factory, factory); !ok) return ok;
  std::span<const tn_arch_desc* const> archs;
  if (auto ok = read_array("tn_arch_factory.archs", factory->archs, archs); !ok) return ok;
  const auto check = [](const tn_arch_desc& arch) {
    return check_names("gguf_archs", arch.gguf_archs, false);
  };
  if (auto ok = check_entries(k_arch, archs, check); !ok) return ok;
  out.archs = archs;
  return {};
}

}  // namespace tenon
