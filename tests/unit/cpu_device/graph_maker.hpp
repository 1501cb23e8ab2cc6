// Subgraphs for tests: f32 tensors in binding 0, one after the other, and nodes that use them.
#pragma once

#include <tenon/abi/tenon.h>

#include <deque>
#include <initializer_list>
#include <string>
#include <vector>

namespace tenon::test {

class GraphMaker {
 public:
  explicit GraphMaker(tn_id f32) : f32_(f32) {}

  // Dense f32, rows × width; rows may be symbolic, then `rows` is the bound.
  uint32_t tensor(uint32_t role, int64_t rows, int64_t width, uint32_t sym = TN_SYM_STATIC) {
    tn_tensor t = shape(role, rows, width);
    t.sym[0] = sym;
    t.offset = bytes_;
    bytes_ += static_cast<uint64_t>(rows * width) * sizeof(float);
    return add(t);
  }
  uint32_t view(uint32_t of, uint64_t offset, int64_t rows, int64_t width, int64_t row_stride) {
    tn_tensor t = shape(TN_ROLE_VIEW, rows, width);
    t.view_of = of;
    t.view_offset = offset;
    t.stride[0] = row_stride;
    return add(t);
  }
  uint32_t weight(tn_weight* handle, int64_t rows, int64_t width, tn_id layout = 0) {
    tn_tensor t = shape(TN_ROLE_WEIGHT, rows, width);
    t.weight = static_cast<uint32_t>(weights_.size());
    t.layout = layout;
    weights_.push_back(handle);
    return add(t);
  }
  uint32_t state(uint32_t layer, int64_t heads, int64_t dk, int64_t dv) {
    tn_tensor t = shape(TN_ROLE_STATE, heads, dk);
    t.rank = 3;
    t.dim[2] = dv;
    t.state = layer;
    return add(t);
  }
  tn_node& node(const tn_kernel_desc* bound, std::vector<uint32_t> in, std::vector<uint32_t> out,
                const void* params = nullptr) {
    const auto& inputs = lists_.emplace_back(std::move(in));
    const auto& outputs = lists_.emplace_back(std::move(out));
    tn_node n = {};
    n.struct_size = sizeof n;
    n.layer = TN_NONE;
    n.in = inputs.data();
    n.out = outputs.data();
    n.n_in = static_cast<uint32_t>(inputs.size());
    n.n_out = static_cast<uint32_t>(outputs.size());
    n.bound = bound;
    n.params = params;
    n.name = names_.emplace_back("node." + std::to_string(nodes_.size())).c_str();
    return nodes_.emplace_back(n);
  }

  tn_tensor& operator[](uint32_t i) { return tensors_[i]; }
  uint64_t bytes() const { return bytes_; }
  uint64_t offset(uint32_t i) const { return tensors_[i].offset; }
  // Valid until the maker changes or dies.
  tn_subgraph graph() {
    tn_subgraph g = {};
    g.struct_size = sizeof g;
    g.n_nodes = static_cast<uint32_t>(nodes_.size());
    g.n_tensors = static_cast<uint32_t>(tensors_.size());
    g.node_stride = sizeof(tn_node);
    g.tensor_stride = sizeof(tn_tensor);
    g.nodes = nodes_.data();
    g.tensors = tensors_.data();
    g.n_bindings = 1;
    g.weights = weights_.data();
    g.n_weights = static_cast<uint32_t>(weights_.size());
    return g;
  }

 private:
  uint32_t add(const tn_tensor& t) {
    tensors_.push_back(t);
    return static_cast<uint32_t>(tensors_.size() - 1);
  }
  tn_tensor shape(uint32_t role, int64_t rows, int64_t width) const {
    tn_tensor t = {};
    t.struct_size = sizeof t;
    t.role = role;
    t.dtype = f32_;
    t.rank = 2;
    t.dim[0] = rows;
    t.dim[1] = width;
    t.stride[1] = sizeof(float);
    t.stride[0] = width * t.stride[1];
    t.view_of = TN_NONE;
    return t;
  }

  tn_id f32_;
  uint64_t bytes_ = 0;
  std::vector<tn_tensor> tensors_;
  std::vector<tn_node> nodes_;
  std::vector<tn_weight*> weights_;
  std::deque<std::vector<uint32_t>> lists_;
  std::deque<std::string> names_;
};

}  // namespace tenon::test
