// A small problem for a family of kernels, and the words that the mirror predicts for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tenon::gpu {

struct Trial {
  enum class Role : uint8_t { input, output, between, weight, state };
  struct Operand {
    Role role = Role::input;
    std::string dtype;
    std::vector<int64_t> dims;     // of a state: heads, and the widths of keys and values
    std::vector<std::byte> bytes;  // what an input holds, what an output must hold
  };
  struct Node {
    const char* op;
    std::vector<uint32_t> in, out;  // of `operands`
    std::vector<std::byte> params;
    uint64_t features = 0;
  };
  std::vector<std::string> kernels;  // what is dropped if an output differs
  std::vector<Operand> operands;
  std::vector<Node> nodes;
};

inline constexpr uint32_t k_trial_pages = 5;       // of each state
inline constexpr int64_t k_trial_positions = 300;  // that states hold

// One for each family.
std::vector<Trial> make_trials();

}  // namespace tenon::gpu
