// A walk over the instructions; what they compute is the driver's to judge.
#include "module.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "backends/gpu/dispatch.hpp"
#include "backends/gpu/slot.hpp"

namespace tenon::vulkan {
namespace {

constexpr uint32_t k_magic = 0x07230203, k_newest = 0x00010600, k_header_words = 5;
constexpr uint32_t k_op_entry_point = 15, k_op_execution_mode = 16, k_op_capability = 17,
                   k_op_decorate = 71;
constexpr uint32_t k_compute = 5, k_local_size = 17, k_binding = 33, k_descriptor_set = 34;

struct Capability {
  uint32_t number;
  const char* name;
  const char* feature;  // that grants it; nullptr: every device of this backend has it
};
constexpr std::array k_capabilities = {
    Capability{0, "Matrix", nullptr},
    Capability{1, "Shader", nullptr},
    Capability{9, "Float16", "vk.f16"},
    Capability{39, "Int8", "vk.i8"},
    Capability{61, "GroupNonUniform", nullptr},
    Capability{4433, "StorageBuffer16BitAccess", "vk.i16_storage"},
    Capability{4448, "StorageBuffer8BitAccess", "vk.i8_storage"},
    Capability{6016, "DotProductInputAll", nullptr},
    Capability{6017, "DotProductInput4x8Bit", nullptr},
    Capability{6018, "DotProductInput4x8BitPacked", nullptr},
    Capability{6019, "DotProduct", nullptr},
};

std::string refuse_capability(uint32_t number, const tn_kernel_desc& kernel) {
  const auto known = std::ranges::find(k_capabilities, number, &Capability::number);
  if (known == k_capabilities.end())
    return "it declares the capability " + std::to_string(number) + ", which nothing grants";
  if (known->feature == nullptr || gpu::needs(kernel, known->feature)) return "";
  return std::string("it declares the capability ") + known->name + " without needing " +
         known->feature;
}

// The text of an instruction's words, as far as it is one.
std::string_view text_of(std::span<const uint32_t> words) {
  const auto* first = reinterpret_cast<const char*>(words.data());
  const auto* last = first + words.size_bytes();
  return {first, std::find(first, last, '\0')};
}

struct Walk {
  const char* entry;
  const tn_kernel_desc& kernel;
  uint32_t max_invocations;
  bool found = false;

  std::string look(uint32_t op, std::span<const uint32_t> operands) {
    if (op == k_op_capability && !operands.empty()) return refuse_capability(operands[0], kernel);
    if (op == k_op_entry_point && operands.size() > 2 && operands[0] == k_compute)
      found = found || text_of(operands.subspan(2)) == entry;
    if (op == k_op_decorate && operands.size() > 2) {
      if (operands[1] == k_binding && operands[2] >= gpu::k_max_buffers)
        return "it has a binding above 11";
      if (operands[1] == k_descriptor_set && operands[2] != 0) return "it has a second set";
    }
    if (op == k_op_execution_mode && operands.size() > 4 && operands[1] == k_local_size) {
      const uint64_t items = uint64_t{operands[2]} * operands[3] * operands[4];
      if (items > max_invocations) return "its work-group is larger than the device's";
    }
    return "";
  }
};

}  // namespace

std::string why_not_module(std::span<const uint32_t> words, const char* entry,
                           const tn_kernel_desc& kernel, uint32_t max_invocations) {
  if (words.size() <= k_header_words || words[0] != k_magic) return "it is no SPIR-V";
  if (words[1] > k_newest) return "it is SPIR-V of a later version than 1.6";
  Walk walk{entry, kernel, max_invocations};
  for (size_t at = k_header_words; at < words.size();) {
    const uint32_t length = words[at] >> 16, op = words[at] & 0xffffu;
    if (length == 0 || length > words.size() - at) return "it is SPIR-V that ends too early";
    const std::string why = walk.look(op, words.subspan(at + 1, length - 1));
    if (!why.empty()) return why;
    at += length;
  }
  return walk.found ? "" : std::string("it has no entry point ") + entry + " for computing";
}

}  // namespace tenon::vulkan
