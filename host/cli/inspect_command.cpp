// tenon inspect: metadata, tensors, types, sizes and findings of a model file.
#include <iostream>
#include <map>

#include "framework/formats/gguf.hpp"
#include "framework/text/chat_template.hpp"
#include "framework/text/tokenizer.hpp"
#include "framework/text/vocab_gguf.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

constexpr std::uint64_t k_shown_elements = 4;
constexpr std::size_t k_shown_text = 80;

Json scalar_json(const GgufScalar& scalar) {
  return std::visit([](auto v) { return Json(v); }, scalar);
}

Json value_json(const GgufValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value.payload)) return std::string(*text);
  if (const auto* array = std::get_if<GgufArray>(&value.payload)) {
    Json first = Json::array();
    for (std::uint64_t i = 0; i < std::min(array->size(), k_shown_elements); ++i)
      first.push_back(array->element() == GgufType::string ? Json(std::string(array->string_at(i)))
                                                           : scalar_json(array->scalar_at(i)));
    return {{"type", gguf_type_name(array->element())},
            {"count", array->size()},
            {"first", std::move(first)}};
  }
  return scalar_json(std::get<GgufScalar>(value.payload));
}

Json tensors_json(const GgufFile& file) {
  Json tensors = Json::array();
  for (const GgufTensor& t : file.tensors())
    tensors.push_back({{"name", t.name},
                       {"dtype", t.dtype->name},
                       {"dims", std::vector<std::int64_t>(t.dim.begin(), t.dim.begin() + t.rank)},
                       {"bytes", t.bytes},
                       {"offset", t.offset}});
  return tensors;
}

struct TypeUse {
  std::uint64_t tensors = 0, bytes = 0, elements = 0;
};

std::map<std::string, TypeUse> histogram(const GgufFile& file) {
  std::map<std::string, TypeUse> uses;
  for (const GgufTensor& t : file.tensors()) {
    TypeUse& use = uses[std::string(t.dtype->name)];
    ++use.tensors;
    use.bytes += t.bytes;
    use.elements += static_cast<std::uint64_t>(t.elements);
  }
  return uses;
}

Json document(const GgufFile& file, const std::vector<std::string>& findings) {
  Json metadata = Json::object();
  for (const GgufEntry& e : file.metadata().entries()) metadata[e.name] = value_json(e.value);
  Json types = Json::object();
  std::uint64_t parameters = 0;
  for (const auto& [name, use] : histogram(file)) {
    types[name] = {{"tensors", use.tensors}, {"bytes", use.bytes}, {"elements", use.elements}};
    parameters += use.elements;
  }
  return {{"file", file.name()},
          {"format", "gguf"},
          {"version", file.version()},
          {"size", file.bytes().size()},
          {"parameters", parameters},
          {"types", std::move(types)},
          {"metadata", std::move(metadata)},
          {"tensors", tensors_json(file)},
          {"findings", findings}};
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

// What is odd about the file without making it unusable.
std::vector<std::string> findings_of(const GgufFile& file) {
  const auto data = read_vocab(file.metadata());
  if (!data) return std::vector<std::string>{"tokenizer: " + data.error().message()};
  const auto vocab = Tokenizer::create(*data);
  if (!vocab) return std::vector<std::string>{"tokenizer: " + vocab.error().message()};
  std::vector<std::string> findings(vocab->vocab().findings().begin(),
                                    vocab->vocab().findings().end());
  const auto source = read_chat_template(file.metadata());
  if (!source) return findings.push_back(source.error().message()), findings;
  if (!*source) {
    findings.emplace_back(
        "tokenizer.chat_template is missing: `tenon run` needs --raw, and `tenon chat` cannot run");
  } else if (const auto parsed = ChatTemplate::parse(std::string(**source)); !parsed) {
    findings.push_back("tokenizer.chat_template: " + parsed.error().message());
  }
  return findings;
}

struct InspectFlags {
  OutputOptions output;
  std::string model;
};

Syntax syntax(InspectFlags& o) {
  Syntax s{"tenon inspect MODEL [--json]", "", po::options_description("", 100), {{"model", 1}}};
  s.flags.add_options()("model", po::value(&o.model)->value_name("MODEL"), "the model file (GGUF)");
  s.flags.add(output_flags(o.output));
  return s;
}

}  // namespace

Syntax inspect_syntax() { return described(syntax); }

Status inspect_command(const Arguments& arguments) {
  InspectFlags o;
  Syntax s = syntax(o);
  const auto parsed = parse(arguments, s);
  if (!parsed) return fail(parsed);
  if (parsed->help_shown) return {};
  if (o.model.empty()) return fail(ErrorCode::usage, "no MODEL given; see `tenon help inspect`");
  const auto file = GgufFile::open(o.model);
  if (!file) return fail(file);
  const Json d = document(*file, findings_of(*file));
  if (o.output.json)
    print_json(d);
  else
    print_text(d);
  return {};
}

}  // namespace tenon::cli
