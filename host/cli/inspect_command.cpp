// tenon inspect: metadata, tensors, types, sizes and findings of a model file.
#include <iostream>

#include "framework/include/tenon/model_file.hpp"
#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

constexpr std::size_t k_shown_elements = 4;
constexpr std::size_t k_shown_text = 80;

Json to_json(const MetadataScalar& scalar) {
  return std::visit([](const auto& value) { return Json(value); }, scalar);
}

Json to_json(const MetadataArray& array) {
  Json first = Json::array();
  for (const MetadataScalar& element : array.first) first.push_back(to_json(element));
  return {{"type", array.type}, {"count", array.count}, {"first", std::move(first)}};
}

Json to_json(const TensorInfo& t) {
  return {{"name", t.name},
          {"dtype", t.dtype},
          {"dims", t.dims},
          {"bytes", t.bytes},
          {"offset", t.offset}};
}

Json document(const ModelFile& file) {
  Json metadata = Json::object();
  for (const MetadataEntry& e : file.metadata(k_shown_elements))
    metadata[e.key] = std::visit([](const auto& value) { return to_json(value); }, e.value);
  Json types = Json::object();
  for (const TypeUse& use : file.types())
    types[use.dtype] = {{"tensors", use.tensors}, {"bytes", use.bytes}, {"elements", use.elements}};
  Json tensors = Json::array();
  for (const TensorInfo& t : file.tensors()) tensors.push_back(to_json(t));
  return {{"file", file.name()},
          {"format", file.format()},
          {"version", file.version()},
          {"size", file.size()},
          {"parameters", file.parameters()},
          {"types", std::move(types)},
          {"metadata", std::move(metadata)},
          {"tensors", std::move(tensors)},
          {"findings", file.findings()}};
}

std::string shortened(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > k_shown_text) text = text.substr(0, k_shown_text) + "…";
  return text;
}

void print_text(const Json& d) {
  std::cout << d["file"].get<std::string>() << ": GGUF v" << d["version"] << ", "
            << human_bytes(d["size"].get<std::uint64_t>()) << ", " << d["tensors"].size()
            << " tensors, " << d["parameters"] << " parameters\n\ntypes\n";
  for (const auto& [name, use] : d["types"].items())
    std::cout << "  " << name << ": " << use["tensors"] << " tensors, "
              << human_bytes(use["bytes"].get<std::uint64_t>()) << '\n';
  std::cout << "\nmetadata\n";
  for (const auto& [key, value] : d["metadata"].items())
    std::cout << "  " << key << " = " << shortened(value) << '\n';
  std::cout << "\ntensors\n";
  for (const Json& t : d["tensors"])
    std::cout << "  " << t["name"].get<std::string>() << "  " << t["dtype"].get<std::string>()
              << ' ' << t["dims"].dump() << '\n';
  std::cout << "\nfindings\n";
  for (const Json& f : d["findings"]) std::cout << "  " << f.get<std::string>() << '\n';
  if (d["findings"].empty()) std::cout << "  none\n";
}

struct InspectOptions {
  OutputOptions output;
  std::string model;
};

Syntax syntax(InspectOptions& o) {
  return {.usage = "tenon inspect MODEL [--json]",
          .examples = "",
          .arguments = {model_argument(o.model)},
          .required = 1,
          .groups = {output_flags(o.output)}};
}

Status run(InspectOptions& o) {
  const auto file = ModelFile::open(o.model);
  if (!file) return fail(file);
  const Json d = document(*file);
  if (o.output.json)
    print_json(d);
  else
    print_text(d);
  return {};
}

}  // namespace

extern const Command k_inspect =
    command<InspectOptions, syntax, run>("inspect", "What is in a model file");

}  // namespace tenon::cli
