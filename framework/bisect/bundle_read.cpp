// Reading a bundle: what is not as write_bundle writes it is refused.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

#include "framework/base/mapped_file.hpp"
#include "framework/bisect/bundle.hpp"
#include "framework/formats/npy.hpp"
#include "framework/graph/op_table.hpp"
#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t k_max_pages = std::uint64_t{1} << 20;

// Thrown inside this file only, as the JSON library does.
struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void require(bool right, const std::string& what) {
  if (!right) throw Wrong(what);
}

std::vector<std::byte> from_hex(const std::string& text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    const auto read = std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    require(read.ec == std::errc() && read.ptr == text.data() + i + 2, "params are not hex");
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

Value read_value(const Json& j) {
  Value v;
  const auto kind = j.at("kind").get<unsigned>();
  require(kind <= static_cast<unsigned>(ValueKind::view), "a value of an unknown kind");
  v.kind = static_cast<ValueKind>(kind);
  v.dtype = find_dtype(j.at("dtype").get<std::string>());
  require(v.dtype != nullptr, "a value of an unknown type");
  v.shape.rank = j.at("rank").get<std::uint32_t>();
  j.at("dim").get_to(v.shape.dim);
  j.at("sym").get_to(v.shape.sym);
  j.at("stride").get_to(v.stride);
  for (const std::uint32_t sym : v.shape.sym) require(sym < TN_SYM_COUNT, "an unknown extent");
  require(v.kind == ValueKind::state || within_limit(v.shape), "a shape out of range");
  v.root = j.at("root").get<ValueId>();
  v.offset = j.at("offset").get<std::uint64_t>();
  v.layer = j.at("state").get<std::uint32_t>();
  v.group = j.at("group").get<std::uint32_t>();
  v.name = j.at("name").get<std::string>();
  require(v.kind != ValueKind::view, "a view among the operands");
  require(v.kind == ValueKind::state || v.root == k_no_value, "a value that is part of another");
  return v;
}

Node read_node(const Json& j, std::size_t n_values) {
  Node n;
  n.op = find_op(j.at("op").get<std::string>());
  require(n.op != nullptr, "an unknown op");
  j.at("in").get_to(n.in);
  j.at("out").get_to(n.out);
  for (const ValueId v : n.in) require(v == k_no_value || v < n_values, "an operand out of range");
  for (const ValueId v : n.out) require(v < n_values, "a result out of range");
  require(
      n.in.size() >= n.op->min_in() && n.in.size() <= n.op->max_in() && n.out.size() == n.op->n_out,
      "a node with a wrong number of operands");
  n.features = j.at("features").get<std::uint64_t>();
  n.params = from_hex(j.at("params").get<std::string>());
  require(n.params.size() >= n.op->params_size, "params are too short");
  n.layer = j.at("layer").get<std::uint32_t>();
  n.name = j.at("name").get<std::string>();
  return n;
}

class BundleReader {
 public:
  explicit BundleReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Bundle read(const Json& j) {
    require(j.at("tenon_bundle") == 1, "a bundle of another version");
    Bundle b;
    j.at("a").at("backend").get_to(b.backend_a);
    j.at("a").at("kernel").get_to(b.kernel_a);
    j.at("b").at("backend").get_to(b.backend_b);
    j.at("b").at("kernel").get_to(b.kernel_b);
    b.limit = j.at("limit").get<double>();
    b.n_pages = j.at("pages").get<std::uint64_t>();
    require(b.n_pages <= k_max_pages, "too many pages");
    for (const Json& value : j.at("values")) b.graph.values.push_back(read_value(value));
    const std::size_t n = b.graph.values.size();
    for (const Value& v : b.graph.values)
      require(v.root == k_no_value || (v.root < n && b.graph.values[v.root].root == k_no_value),
              "a root out of range");
    for (const Json& node : j.at("nodes")) b.graph.nodes.push_back(read_node(node, n));
    require(!b.graph.nodes.empty(), "no node");
    j.at("inputs").get_to(b.graph.inputs);
    j.at("outputs").get_to(b.graph.outputs);
    for (const auto* ids : {&b.graph.inputs, &b.graph.outputs})
      for (const auto& [_, id] : *ids) require(id < n, "an input or output out of range");
    read_weights(j, b);
    read_states(j, b);
    for (const Json& step : j.at("steps")) b.steps.push_back(read_step(step, b.graph));
    require(!b.steps.empty(), "no step");
    return b;
  }

 private:
  NpyArray file(const Json& name) const {
    const std::filesystem::path path = name.get<std::string>();
    require(path.filename() == path, "a file outside of the bundle");
    auto array = read_npy(folder_ / path);
    if (!array) throw Wrong(array.error().message());
    return std::move(*array);
  }

  void read_weights(const Json& j, Bundle& b) const {
    for (const auto& [name, at] : j.at("weights").items()) {
      NpyArray array = file(at);
      auto* bytes = std::get_if<std::vector<std::uint8_t>>(&array.values);
      require(bytes != nullptr, "weights that are no bytes");
      b.weights[name] = std::move(*bytes);
    }
    for (const Value& v : b.graph.values)
      require(v.kind != ValueKind::weight || (b.weights.contains(v.name) &&
                                              b.weights[v.name].size() == byte_size(v, Extents{1})),
              "weight " + v.name + " is missing or has another size");
  }

  static void read_states(const Json& j, Bundle& b) {
    for (const auto& [id, s] : j.at("states").items()) {
      std::uint32_t number = 0;
      std::from_chars(id.data(), id.data() + id.size(), number);
      b.states[number] = {s.at("kv_heads").get<std::uint32_t>(), s.at("dk").get<std::uint32_t>(),
                          s.at("dv").get<std::uint32_t>(), s.at("window").get<std::int64_t>(),
                          s.at("group").get<std::uint32_t>()};
    }
    for (const Value& v : b.graph.values)
      require(v.kind != ValueKind::state || b.states.contains(v.layer), "a state is missing");
  }

  std::map<std::string, Words> read_values(const Json& files, const Graph& graph,
                                           const std::map<std::string, ValueId>& ids,
                                           const Extents& extents) const {
    std::map<std::string, Words> values;
    for (const auto& [name, id] : ids) {
      const NpyArray array = file(files.at(name));
      Words& words = values[name];
      std::visit(
          [&](const auto& v) {
            words.resize(v.size() * sizeof(v[0]) / sizeof(std::int32_t));
            std::memcpy(words.data(), v.data(), words.size() * sizeof(std::int32_t));
          },
          array.values);
      require(words.size() * sizeof(std::int32_t) == byte_size(graph.values[id], extents),
              name + " has another size");
    }
    return values;
  }

  BundleStep read_step(const Json& j, const Graph& graph) const {
    BundleStep step;
    j.at("extents").get_to(step.extents);
    j.at("bounds").get_to(step.bounds);
    for (std::size_t i = 0; i < TN_SYM_COUNT; ++i)
      require(step.extents[i] >= 0 && step.extents[i] <= step.bounds[i] && step.bounds[i] < 1 << 24,
              "extents out of range");
    step.inputs = read_values(j.at("inputs"), graph, graph.inputs, step.extents);
    step.outputs_a = read_values(j.at("a"), graph, graph.outputs, step.extents);
    step.outputs_b = read_values(j.at("b"), graph, graph.outputs, step.extents);
    return step;
  }

  std::filesystem::path folder_;
};

}  // namespace

Result<Bundle> read_bundle(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "manifest.json";
  const auto file = MappedFile::open(path);
  if (!file) return fail(ErrorCode::usage, file.error().message());
  const auto* text = reinterpret_cast<const char*>(file->bytes().data());
  try {
    return BundleReader(folder).read(Json::parse(text, text + file->size()));
  } catch (const std::runtime_error& e) {
    return fail(ErrorCode::usage, path.string() + ": " + e.what());
  } catch (const Json::exception& e) {
    return fail(ErrorCode::usage, path.string() + ": " + e.what());
  }
}

}  // namespace tenon
