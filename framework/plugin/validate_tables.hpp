// Checks the tables that a plugin hands over before anything in them is called or believed.
#pragma once

#include <tenon/abi/arch.h>
#include <tenon/abi/device.h>
#include <tenon/abi/kernels.h>

#include <span>

#include "framework/base/result.hpp"

namespace tenon {

// What the factories of one plugin offer; arrays and strings are the plugin's and immortal.
struct PluginTables {
  const tn_backend_factory* backend = nullptr;
  const tn_kernel_factory* pack = nullptr;
  std::span<const tn_kernel_desc* const> kernels;
  std::span<const tn_layout_desc* const> layouts;
  std::span<const tn_arch_desc* const> archs;
};

// All refuse with ErrorCode::unavailable and name the table and the field. NULL is refused too.
Status validate_plugin(const tn_plugin* plugin);
Status validate_backend(const tn_backend_factory* factory, PluginTables& out);
Status validate_pack(const tn_kernel_factory* factory, PluginTables& out);
Status validate_archs(const tn_arch_factory* factory, PluginTables& out);

}  // namespace tenon
