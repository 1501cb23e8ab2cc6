// A bundle as JSON and .npy files.
#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

#include "framework/base/atomic_file.hpp"
#include "framework/bisect/bundle.hpp"
#include "framework/formats/npy.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

using Json = nlohmann::ordered_json;
using Floats = std::vector<float>;

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte b : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(b));
  return text;
}

Json to_json(const Value& v) {
  return {{"kind", static_cast<unsigned>(v.kind)},
          {"dtype", v.dtype->name},
          {"rank", v.shape.rank},
          {"dim", v.shape.dim},
          {"sym", v.shape.sym},
          {"stride", v.stride},
          {"root", v.root},
          {"offset", v.offset},
          {"state", v.layer},
          {"group", v.group},
          {"name", v.name}};
}

Json to_json(const Node& n) {
  return {{"op", n.op->name},        {"in", n.in},       {"out", n.out},  {"features", n.features},
          {"params", hex(n.params)}, {"layer", n.layer}, {"name", n.name}};
}

Json to_json(const KvState& s) {
  return {{"kv_heads", s.n_kv_heads},
          {"dk", s.dk},
          {"dv", s.dv},
          {"window", s.window},
          {"group", s.group}};
}

class BundleWriter {
 public:
  BundleWriter(const Bundle& bundle, const std::filesystem::path& folder)
      : bundle_(bundle), folder_(folder) {}

  Status write() {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error)
      return fail(ErrorCode::failed,
                  folder_.string() + ": cannot create the folder: " + error.message());
    const Graph& graph = bundle_.graph;
    Json j = {{"tenon_bundle", 1},
              {"op", graph.nodes.back().op->name},
              {"node", graph.nodes.back().name},
              {"a", {{"backend", bundle_.backend_a}, {"kernel", bundle_.kernel_a}}},
              {"b", {{"backend", bundle_.backend_b}, {"kernel", bundle_.kernel_b}}},
              {"limit", bundle_.limit},
              {"pages", bundle_.n_pages}};
    for (const Value& v : graph.values) j["values"].push_back(to_json(v));
    for (const Node& n : graph.nodes) j["nodes"].push_back(to_json(n));
    j["inputs"] = graph.inputs;
    j["outputs"] = graph.outputs;
    j["states"] = Json::object();
    for (const auto& [id, state] : bundle_.states) j["states"][std::to_string(id)] = to_json(state);
    j["weights"] = write_weights();
    for (std::size_t s = 0; s < bundle_.steps.size(); ++s) j["steps"].push_back(write_step(s));
    if (!failed_) return failed_;
    return write_manifest(j);
  }

 private:
  // The name of the file; the first error is kept.
  std::string put(const std::string& name, const NpyArray& array) {
    if (failed_) failed_ = write_npy(folder_ / (name + ".npy"), array);
    return name + ".npy";
  }

  Json write_weights() {
    Json files = Json::object();
    for (const auto& [name, bytes] : bundle_.weights) {
      const std::string file = "weight" + std::to_string(files.size());
      files[name] = put(file, {{1, bytes.size()}, bytes});
    }
    return files;
  }

  Json write_values(const std::string& prefix, const std::map<std::string, Words>& values,
                    const std::map<std::string, ValueId>& ids) {
    Json files = Json::object();
    for (const auto& [name, words] : values) {
      const Value& value = bundle_.graph.values[ids.at(name)];
      const auto n = static_cast<std::uint64_t>(words.size());
      const auto width = static_cast<std::uint64_t>(value.shape.row_elements());
      NpyArray array{{n / width, width}, words};
      if (value.dtype->name == "f32") {
        Floats floats(words.size());
        std::memcpy(floats.data(), words.data(), n * sizeof(float));
        array.values = std::move(floats);
      }
      files[name] = put(prefix + name, array);
    }
    return files;
  }

  Json write_step(std::size_t s) {
    const BundleStep& step = bundle_.steps[s];
    const std::string prefix = "step" + std::to_string(s) + ".";
    return {{"extents", step.extents},
            {"bounds", step.bounds},
            {"inputs", write_values(prefix, step.inputs, bundle_.graph.inputs)},
            {"a", write_values(prefix + "a.", step.outputs_a, bundle_.graph.outputs)},
            {"b", write_values(prefix + "b.", step.outputs_b, bundle_.graph.outputs)}};
  }

  Status write_manifest(const Json& j) const {
    auto file = AtomicFile::create(folder_ / "manifest.json");
    if (!file) return fail(file);
    const std::string text = j.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
    if (Status s = file->append(std::as_bytes(std::span(text))); !s) return s;
    return file->commit();
  }

  const Bundle& bundle_;
  const std::filesystem::path& folder_;
  Status failed_;
};

}  // namespace

Status write_bundle(const Bundle& bundle, const std::filesystem::path& folder) {
  return BundleWriter(bundle, folder).write();
}

}  // namespace tenon
