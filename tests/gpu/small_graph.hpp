// SmallGraph: a few nodes as one subgraph of a device, with the operands of a test. Which results the
// host keeps is said when it runs: what nobody keeps, a device need not make.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "device.hpp"

namespace tenon::conformance {

class SmallGraph {
 public:
  SmallGraph(Device& device, TestHost& host) : device_(device), host_(host) {}
  ~SmallGraph() { device_.release(); }
  SmallGraph(const SmallGraph&) = delete;
  SmallGraph& operator=(const SmallGraph&) = delete;

  using Dims = std::vector<int64_t>;
  // Operands; what has rows of the step begins with its bound, `rows`. All return their number.
  uint32_t weight(const char* dtype, const Dims& dims, const std::vector<uint8_t>& plain);
  uint32_t vector(const std::vector<float>& values);
  uint32_t input(const Dims& dims, const std::vector<float>& values);
  uint32_t ints(uint32_t sym, const Dims& dims, const std::vector<int32_t>& values);
  uint32_t temp(const Dims& dims);
  uint32_t view(uint32_t of, const Dims& dims);
  uint32_t state(const char* dtype, int64_t heads, int64_t dk, int64_t dv, uint64_t pages);
  template <class Params>
  void node(const char* op, std::vector<uint32_t> in, std::vector<uint32_t> out,
            const Params& params, uint64_t features = 0) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&params);
    add_node(op, std::move(in), std::move(out), {bytes, bytes + sizeof params}, features);
  }
  void node(const char* op, std::vector<uint32_t> in, std::vector<uint32_t> out) {
    add_node(op, std::move(in), std::move(out), {}, 0);
  }

  // Runs it for `syms`; the content of the kept temporaries, one after another, then the cache.
  std::vector<float> run(const std::vector<int64_t>& syms, const std::vector<int64_t>& bounds,
                         const std::set<uint32_t>& kept);

 private:
  struct Operand {
    tn_tensor tensor;
    std::vector<uint8_t> content;  // of weights and inputs
  };
  struct Node {
    std::string op;
    std::vector<uint32_t> in, out;
    std::vector<uint8_t> params;
    uint64_t features;
  };
  uint32_t add(uint32_t role, const char* dtype, uint32_t sym, const Dims& dims);
  void add_node(const char* op, std::vector<uint32_t> in, std::vector<uint32_t> out,
                std::vector<uint8_t> params, uint64_t features);
  uint64_t place();
  std::vector<uint8_t> inputs(uint64_t bytes) const;
  tn_plan* compile(const std::vector<int64_t>& bounds, const std::set<uint32_t>& kept);
  void append_cache(std::vector<float>& out);

  Device& device_;
  TestHost& host_;
  std::vector<Operand> operands_;
  std::vector<Node> nodes_;
  std::vector<tn_weight*> weights_;
  tn_kv* kv_ = nullptr;
  uint64_t pages_ = 0;
  tn_tensor state_{};
};

}  // namespace tenon::conformance
