// What one kernel launch is, as data: the ops make it, Vulkan and OpenCL record it.
#pragma once

#include <tenon/abi/graph.h>

#include <array>
#include <cstdint>
#include <vector>

namespace tenon::gpu {

constexpr uint32_t k_max_buffers = 12;     // bindings of a kernel, the step block included
constexpr uint32_t k_push_words = 32;      // 128 bytes: what every Vulkan device has
constexpr uint32_t k_offset_words = 11;    // the first of them: where each buffer's data begins
constexpr uint32_t k_first_own_word = 12;  // word 11: first row of the range of a split weight
constexpr uint32_t k_step_words = 64;      // step block: syms in words 0..15, the rest zero

// Which memory of an operand a kernel reads or writes.
enum class Part : uint8_t {
  tensor,  // its own bytes, or those of the weight in its layout
  keys,    // of a STATE operand, in the layout of kv_layout.hpp
  values,
  scratch,  // memory of this node alone, shared by its dispatches; `index` tells several apart
  rounded,  // of an activation, as products of quantised weights take it: made once for all readers
};

struct Buffer {
  uint32_t index = 0;  // operand of the node: inputs, then outputs; scratch: its number
  Part part = Part::tensor;
  bool writes = false;  // else it is read only; a kernel that does both writes
  uint64_t bytes = 0;   // scratch and rounded only: at the bounds of the plan
  // Not bound itself but lies in what buffer `shares` is bound with, which reaches over both: first()
  // says where. Such buffers are the last ones. -1: bound.
  int32_t shares = -1;
};

// Work-groups along an axis: fixed * ceil(syms[sym] / unit); sym 0 (TN_SYM_STATIC): fixed.
struct Groups {
  uint32_t fixed = 1, sym = TN_SYM_STATIC, unit = 1;
  bool operator==(const Groups&) const = default;
};

// What a kernel pack brought for its slot; lives as long as the plugin.
struct Code {
  const void* data = nullptr;  // words of SPIR-V, or a text; nullptr: the kernel is the build's own
  uint64_t bytes = 0;
  const char* entry = nullptr;
  auto operator<=>(const Code&) const = default;
};

// Bound as: step block at binding 0, then `buffers`. The device fills push words 0 .. 11 (offsets
// in 32-bit words of buffers[i] in word i, first row of the range), the op the others. What the
// kernel reads of the extents of a step it reads from the step block.
struct Dispatch {
  const char* kernel = nullptr;     // its row of the table of kernels, and its file's name
  Code code = {};                   // with it: of a pack, and `kernel` is the pack's name for it
  std::vector<uint32_t> constants;  // specialisation constants 0, 1, … (OpenCL: -D C0=…)
  std::vector<uint32_t> constant_ids = {};  // where they are not 0, 1, …
  std::vector<uint32_t> push;               // words from k_first_own_word on
  std::vector<Buffer> buffers;
  std::array<Groups, 3> groups;
  std::array<uint32_t, 3> local = {256, 1, 1};  // items of a work-group; SPIR-V says it itself
  // A weight above the device's range is bound in ranges of whole row tiles, a dispatch for each:
  // groups[split_axis] counts then the tiles of the range. -1: cannot be split.
  int32_t split = -1;                        // which of `buffers`
  uint32_t split_axis = 0, split_rows = 16;  // rows of the weight that a group along the axis takes
};

}  // namespace tenon::gpu
