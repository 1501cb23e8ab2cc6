// The pack cpu/reference: every op of the slot, exact and slow.
#include <array>
#include <tenon/sdk/kernel.hpp>

#include "backends/cpu/reference/kernel_list.hpp"

namespace tenon::cpu::reference {
namespace {

constexpr std::array<const tn_layout_desc*, 0> k_layouts = {};

}  // namespace
}  // namespace tenon::cpu::reference

TENON_KERNEL_PACK("tenon.cpu.reference", "1.0.0", "Tenon", "reference", "",
                  tenon::cpu::reference::k_kernels, tenon::cpu::reference::k_layouts)
