// tenon inspect: metadata, tensors, types, sizes and findings of a model file.
#include <iostream>

#include "framework/include/tenon/model_file.hpp"
#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/printable.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

constexpr std::size_t k_shown_elements = 4;

Json to_json(const MetadataScalar& scalar) {
  return std::visit([](const auto& value) { return Json(value); }, scalar);
}

Json to_json(const MetadataArray& array) {
  Json first = Json::array();
  for (const MetadataScalar& element : array.first) first.push_back(to_json(element));
  return {{"type", array.type}, {"count", array.count}, {"first", std::move(first)}};
}

Json to_json(const TensorInfo& t) {
  return {{"name", t.name},   {"dtype", t.dtype}, {"dims", t.dims},
          {"bytes", t.bytes}, {"part", t.part},   {"offset", t.offset}};
}

Json document(const ModelFile& file) {
  Json metadata = Json::object();
  auto& entries = metadata.get_ref<Json::object_t&>();  // appended to: it looks for every new key
  for (const MetadataEntry& e : file.metadata(k_shown_elements))
    entries.emplace_back(e.key, std::visit([](const auto& v) { return to_json(v); }, e.value));
  Json types = Json::object();
  for (const TypeUse& use : file.types())
    types[use.dtype] = {{"tensors", use.tensors}, {"bytes", use.bytes}, {"elements", use.elements}};
  Json tensors = Json::array();
  for (const TensorInfo& t : file.tensors()) tensors.push_back(to_json(t));
  return {{"file", file.name()},           {"format", file.format()},
          {"version", file.version()},     {"size", file.size()},
          {"parts", file.parts()},         {"parameters", file.parameters()},
          {"types", std::move(types)},     {"metadata", std::move(metadata)},
          {"tensors", std::move(tensors)}, {"findings", file.findings()}};
}

std::string shortened(const Json& value) {
  return printable_lines(value.dump(-1, ' ', false, Json::error_handler_t::replace),
                         k_shown_characters);
}

std::string name_of(const Json& value) { return printable(value.get_ref<const std::string&>()); }

void print_text(const Json& d) {
  std::cout << d["file"].get<std::string>() << ": GGUF v" << d["version"] << ", "
            << human_bytes(d["size"].get<std::uint64_t>()) << ", " << d["tensors"].size()
            << " tensors, " << d["parameters"] << " parameters\n";
  if (d["parts"].size() > 1) {
    std::cout << "\nparts\n";
    for (const Json& part : d["parts"]) std::cout << "  " << name_of(part) << '\n';
  }
  std::cout << "\ntypes\n";
  for (const auto& [name, use] : d["types"].items())
    std::cout << "  " << printable(name) << ": " << use["tensors"] << " tensors, "
              << human_bytes(use["bytes"].get<std::uint64_t>()) << '\n';
  std::cout << "\nmetadata\n";
  for (const auto& [key, value] : d["metadata"].items())
    std::cout << "  " << printable(key) << " = " << shortened(value) << '\n';
  std::cout << "\ntensors\n";
  for (const Json& t : d["tensors"])
    std::cout << "  " << name_of(t["name"]) << "  " << name_of(t["dtype"]) << ' '
              << t["dims"].dump() << '\n';
  std::cout << "\nfindings\n";
  for (const Json& f : d["findings"])
    std::cout << "  " << printable_lines(f.get<std::string>()) << '\n';
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
