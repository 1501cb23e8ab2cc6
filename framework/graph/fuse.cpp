// Matching of decompositions: a small backtracking search over the consumers of bound values.
#include "framework/graph/fuse.hpp"

#include <algorithm>
#include <optional>

#include "framework/graph/op_table.hpp"

namespace tenon {
namespace {

// A partial assignment: operands of the decomposition to values, steps to nodes.
struct Match {
  std::vector<ValueId> operand;
  std::vector<std::uint32_t> node;
};

class Matcher {
 public:
  Matcher(const Graph& graph, const OpInfo& op)
      : graph_(graph),
        op_(op),
        readers_(graph.consumers()),
        viewed_(graph.values.size(), false),
        producer_(graph.values.size(), k_nobody) {
    for (const Value& v : graph.values)
      if (v.root != k_no_value) viewed_[v.root] = true;
    for (std::int64_t n = 0; n < std::ssize(graph.nodes); ++n)
      for (const ValueId out : graph.nodes[static_cast<std::size_t>(n)].out) producer_[out] = n;
  }

  // A match whose first step is node `first`.
  std::optional<Match> at(std::uint32_t first) const {
    Match m{std::vector<ValueId>(op_.max_in() + op_.steps.size(), k_no_value), {}};
    if (!extend(m, 0, first)) return std::nullopt;
    return m;
  }

 private:
  // Binds step `s` to node `n`, then the later steps to readers of what is bound.
  bool extend(Match& m, std::size_t s, std::uint32_t n) const {
    const Step& step = op_.steps[s];
    const Node& node = graph_.nodes[n];
    if (node.op->name != step.op || node.features != step.features) return false;
    if (std::find(m.node.begin(), m.node.end(), n) != m.node.end()) return false;
    if (!m.node.empty() && node.layer != graph_.nodes[m.node[0]].layer) return false;
    Match next = m;
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      if (i >= step.in.size() || step.in[i] < 0) return false;
      ValueId& bound = next.operand[static_cast<std::size_t>(step.in[i])];
      if (bound != k_no_value && bound != node.in[i]) return false;
      bound = node.in[i];
    }
    next.operand[op_.max_in() + s] = node.out[0];
    next.node.push_back(n);
    const bool last = s + 1 == op_.steps.size();
    if (last ? !closed(next) : !extend_any(next, s + 1)) return false;
    m = std::move(next);
    return true;
  }

  bool extend_any(Match& m, std::size_t s) const {
    for (const int i : op_.steps[s].in) {
      if (i < 0 || m.operand[static_cast<std::size_t>(i)] == k_no_value) continue;
      for (const std::uint32_t n : readers_[m.operand[static_cast<std::size_t>(i)]])
        if (n > m.node.back() && extend(m, s, n)) return true;
      return false;
    }
    return false;
  }

  bool is_result(int operand) const {
    return std::find(op_.results.begin(), op_.results.end(), operand) != op_.results.end();
  }

  // Hidden values are read inside only; nothing outside sits between what goes in and comes out.
  bool closed(const Match& m) const {
    for (std::size_t s = 0; s < op_.steps.size(); ++s) {
      const int operand = static_cast<int>(op_.max_in() + s);
      const ValueId value = graph_.nodes[m.node[s]].out[0];
      if (!is_result(operand) && (has_outside_reader(m, value) || viewed_[value])) return false;
    }
    const std::uint32_t first = *std::min_element(m.node.begin(), m.node.end());
    for (std::size_t i = 0; i < op_.max_in(); ++i)
      if (produced_after(m.operand[i], first)) return false;
    return true;
  }

  bool has_outside_reader(const Match& m, ValueId value) const {
    for (const std::uint32_t n : readers_[value])
      if (std::find(m.node.begin(), m.node.end(), n) == m.node.end()) return true;
    for (const auto& [role, output] : graph_.outputs)
      if (graph_.root_of(output) == value) return true;
    return false;
  }
  bool produced_after(ValueId value, std::uint32_t first) const {
    return std::max(producer_[value], producer_[graph_.root_of(value)]) >= first;
  }

  const Graph& graph_;
  const OpInfo& op_;
  std::vector<std::vector<std::uint32_t>> readers_;  // by value, as the next two
  std::vector<bool> viewed_;
  std::vector<std::int64_t> producer_;  // the node
  static constexpr std::int64_t k_nobody = -1;
};

// The composite that stands for a match.
Node composite(const Graph& graph, const OpInfo& op, const Match& m) {
  const Node& first = graph.nodes[m.node[0]];
  Node node{&op, {}, {}, 0, {}, first.layer, {}};
  node.in.assign(m.operand.begin(), m.operand.begin() + static_cast<std::ptrdiff_t>(op.max_in()));
  for (const int i : op.results) node.out.push_back(m.operand[static_cast<std::size_t>(i)]);
  for (std::size_t s = 0; s < op.steps.size(); ++s)
    if (op.steps[s].takes_params) node.params = graph.nodes[m.node[s]].params;
  const std::string_view name = op.name.substr(0, op.name.find('/'));
  node.name = first.name.substr(0, first.name.rfind('.') + 1) +
              std::string(name.substr(name.rfind('.') + 1));
  return node;
}

void fuse_once(Graph& graph, const OpInfo& op) {
  const Matcher matcher(graph, op);
  std::vector<bool> gone(graph.nodes.size(), false);
  std::vector<Node> nodes;
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    if (gone[n]) continue;
    const std::optional<Match> m =
        graph.nodes[n].op->name == op.steps[0].op ? matcher.at(n) : std::nullopt;
    const bool fresh =
        m && std::none_of(m->node.begin(), m->node.end(), [&](auto i) { return gone[i]; });
    if (!fresh) {
      nodes.push_back(graph.nodes[n]);
      continue;
    }
    for (const std::uint32_t i : m->node) gone[i] = true;
    nodes.push_back(composite(graph, op, *m));
  }
  graph.nodes = std::move(nodes);
}

}  // namespace

void fuse(Graph& graph) {
  for (const OpInfo& op : all_ops())
    if (op.composite()) fuse_once(graph, op);
}

std::vector<Node> decompose(Graph& graph, const Node& node) {
  std::vector<ValueId> operand = node.in;
  std::vector<Node> nodes;
  for (std::size_t s = 0; s < node.op->steps.size(); ++s) {
    const Step& step = node.op->steps[s];
    const OpInfo* op = find_op(step.op);
    Node part{op, {}, {}, step.features, {}, node.layer, node.name};
    for (const int i : step.in)
      if (i >= 0) part.in.push_back(operand[static_cast<std::size_t>(i)]);
    if (step.takes_params) part.params = node.params;
    const auto result = std::find(node.op->results.begin(), node.op->results.end(),
                                  static_cast<int>(node.op->max_in() + s));
    ValueId out = 0;
    if (result != node.op->results.end()) {
      out = node.out[static_cast<std::size_t>(result - node.op->results.begin())];
    } else {
      std::vector<const Value*> in;
      for (const ValueId id : part.in) in.push_back(&graph.values[id]);
      Value hidden;
      hidden.dtype = find_dtype("f32");
      hidden.shape = (*op->infer({*op, in, part.params.data(), part.features}))[0].shape;
      set_dense_strides(hidden);
      out = static_cast<ValueId>(graph.values.size());
      graph.values.push_back(std::move(hidden));
    }
    part.out = {out};
    operand.push_back(out);
    nodes.push_back(std::move(part));
  }
  return nodes;
}

}  // namespace tenon
