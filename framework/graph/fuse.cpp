// Matching of decompositions: a small backtracking search over the consumers of bound values.
#include "framework/graph/fuse.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "framework/graph/op_table.hpp"

namespace tenon {
namespace {

// How far down the first step of a composite may move, in nodes.
constexpr std::uint32_t k_max_move = 64;

// A partial assignment: operands of the decomposition to values, steps to nodes.
struct Match {
  std::vector<ValueId> operand;
  std::vector<std::uint32_t> node;
  std::uint32_t place = 0;  // the node of the match that the composite replaces
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
    Match m{std::vector<ValueId>(op_.max_in() + op_.steps.size(), k_no_value), {}, 0};
    if (!extend(m, 0, first)) return std::nullopt;
    return m;
  }

 private:
  static bool contains(const Match& m, std::int64_t n) {
    return std::find(m.node.begin(), m.node.end(), n) != m.node.end();
  }

  // Binds step `s` to node `n`, then the later steps to readers of what is bound.
  bool extend(Match& m, std::size_t s, std::uint32_t n) const {
    const Step& step = op_.steps[s];
    const Node& node = graph_.nodes[n];
    if (node.op->name != step.op || node.features != step.features) return false;
    if (contains(m, n)) return false;
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
    if (last ? !closed(next) || !find_place(next) : !extend_any(next, s + 1)) return false;
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

  // Hidden values are read inside only.
  bool closed(const Match& m) const {
    for (std::size_t s = 0; s < op_.steps.size(); ++s) {
      const int operand = static_cast<int>(op_.max_in() + s);
      const ValueId value = graph_.nodes[m.node[s]].out[0];
      if (!is_result(operand) && (has_outside_reader(m, value) || viewed_[value])) return false;
    }
    return true;
  }

  // The first of its nodes that comes after all that goes in: a model may compute the other factor
  // of a product between the steps. Nothing before that node may read what comes out.
  bool find_place(Match& m) const {
    std::int64_t latest = k_nobody;
    for (std::size_t i = 0; i < op_.max_in(); ++i)
      for (const ValueId v : {m.operand[i], graph_.root_of(m.operand[i])}) {
        if (contains(m, producer_[v])) return false;  // its own result goes in
        latest = std::max(latest, producer_[v]);
      }
    const std::uint32_t first = m.node[0];
    m.place = *std::find_if(m.node.begin(), m.node.end(), [&](auto n) { return n > latest; });
    if (m.place - first > k_max_move) return false;
    for (std::uint32_t n = first + 1; n < m.place; ++n)
      if (!contains(m, n) && reads_result(m, n)) return false;
    return true;
  }

  bool reads_result(const Match& m, std::uint32_t n) const {
    const auto& in = graph_.nodes[n].in;
    return std::any_of(in.begin(), in.end(), [&](ValueId v) {
      return v != k_no_value &&
             std::any_of(op_.results.begin(), op_.results.end(), [&](int operand) {
               return graph_.root_of(v) == m.operand[static_cast<std::size_t>(operand)];
             });
    });
  }

  bool has_outside_reader(const Match& m, ValueId value) const {
    for (const std::uint32_t n : readers_[value])
      if (!contains(m, n)) return true;
    for (const auto& [role, output] : graph_.outputs)
      if (graph_.root_of(output) == value) return true;
    return false;
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

bool is_fresh(const Match& m, const std::vector<bool>& gone) {
  return std::none_of(m.node.begin(), m.node.end(), [&](auto n) { return gone[n]; });
}

void fuse_once(Graph& graph, const OpInfo& op) {
  const Matcher matcher(graph, op);
  std::vector<bool> gone(graph.nodes.size(), false);
  std::map<std::uint32_t, Match> found;  // by place
  std::vector<Node> nodes;
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    if (!gone[n] && graph.nodes[n].op->name == op.steps[0].op)
      if (std::optional<Match> m = matcher.at(n); m && is_fresh(*m, gone)) {
        for (const std::uint32_t i : m->node) gone[i] = true;
        found.emplace(m->place, std::move(*m));
      }
    if (const auto m = found.find(n); m != found.end())
      nodes.push_back(composite(graph, op, m->second));
    else if (!gone[n])
      nodes.push_back(graph.nodes[n]);
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
