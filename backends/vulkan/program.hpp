// A compiled subgraph as data: what is launched, in which order, on which memory. What a step brings
// (buffers, cache, extents) is not in it yet.
#pragma once

#include <tenon/abi/device.h>

#include <array>
#include <vector>

#include "backends/gpu/dispatch.hpp"
#include "memory.hpp"
#include "pipelines.hpp"

namespace tenon::vulkan {

class Weight;

// Bytes that a kernel reads or writes.
struct Operand {
  enum class Source : uint8_t { binding, weight, keys, values, scratch };
  Source source = Source::binding;
  bool writes = false;
  uint32_t index = 0;  // of the binding or of the state
  const Weight* weight = nullptr;
  uint64_t tile_bytes = 0;         // of a weight in tiles of 16 rows
  uint64_t offset = 0, bytes = 0;  // pools of a state are bound whole
};

struct Launch {
  uint32_t key = 0;  // of Program::keys
  uint32_t node = 0;
  uint32_t grid = TN_NONE;  // of Program::grids; TN_NONE: `groups`, whatever the step
  std::array<uint32_t, 3> groups{};
  std::array<uint32_t, gpu::k_push_words> push{};
  std::vector<Operand> operands;
};

using Grid = std::array<gpu::Groups, 3>;
// Work-groups for the extents of a step; capped, as nothing has that many.
std::array<uint32_t, 3> groups_of(const Grid& grid, const int64_t* syms, uint32_t n_syms);

struct Program {
  // A state that a node touches: what the cache of an execution must have.
  struct State {
    uint32_t id;
    tn_id dtype;
    std::array<int64_t, 3> dims;
  };
  std::vector<Launch> launches;
  std::vector<Pipelines::Key> keys;
  std::vector<Grid> grids;
  std::vector<State> states;
  std::vector<uint64_t> binding_bytes;  // what each binding must have
  std::array<int64_t, 16> bounds{};     // of the extents; < 0: none is used
  uint64_t scratch_bytes = 0;
  uint32_t n_nodes = 0;
};

// Makes it; refuses what supports() would refuse, and graphs that are not whole.
tn_status compile(Gpu& gpu, const Memory& memory, const tn_subgraph& graph,
                  const tn_compile_opts& opts, Program& out);

}  // namespace tenon::vulkan
