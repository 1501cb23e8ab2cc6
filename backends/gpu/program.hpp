// A compiled subgraph as data: what is launched, in which order, on which memory. What a step brings
// (buffers, cache, extents) is not in it yet.
#pragma once

#include <tenon/abi/device.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/gpu/ops.hpp"
#include "backends/gpu/weights.hpp"

namespace tenon::gpu {

inline constexpr uint64_t k_alignment = 256;  // of operands and of what shares a buffer

inline uint64_t aligned(uint64_t n) { return (n + k_alignment - 1) / k_alignment * k_alignment; }

// Bytes that a kernel reads or writes.
struct Operand {
  enum class Source : uint8_t { binding, weight, keys, values, scratch };
  Source source = Source::binding;
  bool writes = false, is_rounded = false;  // Part::rounded: scratch that lives on
  uint32_t index = 0;   // of the binding, of the state, or of the slot of what is rounded
  int32_t shares = -1;  // of Buffer
  const tn_weight* weight = nullptr;
  uint64_t tile_bytes = 0;         // of a weight in tiles of 16 rows
  uint64_t part_bytes = 0;         // of a weight that lies in parts
  uint64_t offset = 0, bytes = 0;  // pools of a state are bound whole
};

// A kernel with its specialisation constants: what is compiled once.
struct KernelKey {
  std::string kernel;
  std::vector<uint32_t> constants;
  std::vector<uint32_t> constant_ids = {};  // empty: 0, 1, …
  Code code = {};
  uint32_t id_of(size_t constant) const {
    return constant_ids.empty() ? static_cast<uint32_t>(constant) : constant_ids[constant];
  }
  auto operator<=>(const KernelKey&) const = default;
};

using Grid = std::array<Groups, 3>;
// Work-groups for the extents of a step; capped, as nothing has that many.
std::array<uint32_t, 3> groups_of(const Grid& grid, const int64_t* syms, uint32_t n_syms);

struct Launch {
  uint32_t key = 0;  // of Program::keys
  uint32_t node = 0;
  uint32_t grid = TN_NONE;  // of Program::grids; TN_NONE: `groups`, whatever the step
  std::array<uint32_t, 3> groups{};
  std::array<uint32_t, 3> local{};  // items of a work-group
  std::array<uint32_t, k_push_words> push{};
  std::vector<Operand> operands;
};

struct Program {
  // A state that a node touches: what the cache of an execution must have.
  struct State {
    uint32_t id;
    tn_id dtype;
    std::array<int64_t, 3> dims;
  };
  std::vector<Launch> launches;
  std::vector<KernelKey> keys;
  std::vector<Grid> grids;
  std::vector<State> states;
  std::vector<uint64_t> binding_bytes;  // what each binding must have
  std::array<int64_t, 16> bounds{};     // of the extents; < 0: none is used
  uint64_t scratch_bytes = 0;           // of the node that takes most
  uint32_t n_nodes = 0;
  std::vector<std::string> names;  // of nodes, for messages
};

std::array<uint32_t, 3> groups_of(const Program& program, const Launch& launch, const int64_t* syms,
                                  uint32_t n_syms);

// The device that a program is made for.
class Target {
 public:
  virtual ~Target() = default;
  virtual const tn_host* host() const = 0;
  virtual const Limits& limits() const = 0;
  virtual bool has_kernel(const char* name) const = 0;
  // Why a kernel that is there must not be used; NULL: it may.
  virtual const char* why_dropped(const char*) const { return nullptr; }
  // The dispatches of a kernel that a pack brought, whose code loads here. Anything but TN_OK:
  // set_error says why.
  virtual tn_status pack_dispatches(const NodeView& node, std::vector<Dispatch>& out) const = 0;
  // Bytes of a weight that kernels may read; nothing: it is another device's.
  virtual std::optional<uint64_t> weight_bytes(const tn_weight* weight) const = 0;
  // Whether one binding can reach over all of them.
  virtual bool lie_near(std::span<const tn_weight* const>) const { return false; }
  // Where the device cuts a weight between tiles, as no launch may read across; 0: it is one part.
  virtual uint64_t part_bytes(const R16&) const { return 0; }
};

KernelKey key_of(const Dispatch& dispatch);

// The dispatches of a node, checked against the device. Anything but TN_OK: set_error says why.
tn_status dispatches_of(const Target& target, const NodeView& node, std::vector<Dispatch>& out);
// The answer to the host's question.
tn_status supports(const Target& target, const tn_node_query& query, tn_support* inout);
// Makes a program; refuses what supports() would refuse, and graphs that are not whole. With
// TN_COMPILE_SIZES weights may be absent, and the program is good for its sizes only.
tn_status compile(const Target& target, const tn_subgraph& graph, const tn_compile_opts& opts,
                  Program& out);

}  // namespace tenon::gpu
