// ModelFile: a GGUF file in values that outlive it.
#include "framework/include/tenon/model_file.hpp"

#include <algorithm>
#include <map>

#include "framework/formats/gguf/gguf.hpp"
#include "framework/text/chat_template.hpp"
#include "framework/text/tokenizer/tokenizer.hpp"
#include "framework/text/tokenizer/vocab_gguf.hpp"

namespace tenon {
namespace {

MetadataScalar copied(const GgufScalar& scalar) {
  return std::visit([](auto value) { return MetadataScalar(value); }, scalar);
}

MetadataArray copied(const GgufArray& array, std::size_t elements) {
  MetadataArray copy{std::string(gguf_type_name(array.element())), array.size(), {}};
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(array.size(), elements); ++i)
    copy.first.push_back(array.element() == GgufType::string ? std::string(array.string_at(i))
                                                             : copied(array.scalar_at(i)));
  return copy;
}

MetadataEntry copied(const GgufEntry& entry, std::size_t elements) {
  MetadataEntry copy{entry.name, std::string(gguf_type_name(entry.value.type)), {}};
  const GgufPayload& payload = entry.value.payload;
  if (const auto* text = std::get_if<std::string_view>(&payload))
    copy.value = MetadataScalar(std::string(*text));
  else if (const auto* array = std::get_if<GgufArray>(&payload))
    copy.value = copied(*array, elements);
  else
    copy.value = copied(std::get<GgufScalar>(payload));
  return copy;
}

TensorInfo copied(const GgufTensor& t) {
  return {.name = t.name,
          .dtype = std::string(t.dtype->name),
          .dims = {t.dim.begin(), t.dim.begin() + t.rank},
          .elements = static_cast<std::uint64_t>(t.elements),
          .bytes = t.bytes,
          .part = t.part,
          .offset = t.offset};
}

std::vector<std::string> template_findings(const GgufMetadata& metadata) {
  const auto source = read_chat_template(metadata);
  if (!source) return {source.error().message()};
  if (!*source)
    return {
        "tokenizer.chat_template is missing: prompts are sent as they are, and there is no chat"};
  const auto parsed = ChatTemplate::parse(std::string(**source));
  if (!parsed) return {"tokenizer.chat_template: " + parsed.error().message()};
  return {};
}

// What no model of text has, and what nothing here computes with.
std::vector<std::string> tensor_findings(const GgufFile& file) {
  std::map<std::string_view, std::size_t> foreign_types;
  std::vector<std::string> findings;
  std::size_t outside = 0;
  const GgufTensor* first = nullptr;
  for (const GgufTensor& t : file.tensors()) {
    if (find_dtype(t.dtype->name) == nullptr) ++foreign_types[t.dtype->name];
    if (!is_model_part(t.name) && outside++ == 0) first = &t;
  }
  if (first != nullptr) findings.push_back(unused_finding(outside, first->name));
  for (const auto& [name, count] : foreign_types)
    findings.push_back(std::to_string(count) + " tensors hold " + std::string(name) +
                       ", which is not supported");
  if (const Status whole = file.check_whole(); !whole) findings.push_back(whole.error().message());
  return findings;
}

}  // namespace

struct ModelFile::Impl {
  GgufFile file;
};

ModelFile::ModelFile(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
ModelFile::ModelFile(ModelFile&&) noexcept = default;
ModelFile& ModelFile::operator=(ModelFile&&) noexcept = default;
ModelFile::~ModelFile() = default;

Result<ModelFile> ModelFile::open(const std::filesystem::path& path) {
  auto file = GgufFile::open(path);
  if (!file) return fail(file);
  return ModelFile(std::unique_ptr<const Impl>(new Impl{std::move(*file)}));
}

const std::string& ModelFile::name() const { return impl_->file.name(); }
std::string_view ModelFile::format() const { return "gguf"; }
std::uint32_t ModelFile::version() const { return impl_->file.version(); }
std::uint64_t ModelFile::size() const { return impl_->file.size(); }
const std::vector<std::string>& ModelFile::parts() const { return impl_->file.parts(); }

std::uint64_t ModelFile::parameters() const {
  std::uint64_t sum = 0;
  for (const GgufTensor& t : impl_->file.tensors()) sum += static_cast<std::uint64_t>(t.elements);
  return sum;
}

std::vector<MetadataEntry> ModelFile::metadata(std::size_t elements) const {
  std::vector<MetadataEntry> entries;
  for (const GgufEntry& e : impl_->file.metadata().entries())
    entries.push_back(copied(e, elements));
  return entries;
}

std::vector<TensorInfo> ModelFile::tensors() const {
  std::vector<TensorInfo> tensors;
  for (const GgufTensor& t : impl_->file.tensors()) tensors.push_back(copied(t));
  return tensors;
}

std::vector<TypeUse> ModelFile::types() const {
  std::map<std::string_view, TypeUse> uses;
  for (const GgufTensor& t : impl_->file.tensors()) {
    TypeUse& use = uses[t.dtype->name];
    ++use.tensors;
    use.elements += static_cast<std::uint64_t>(t.elements);
    use.bytes += t.bytes;
  }
  std::vector<TypeUse> list;
  for (auto& [name, use] : uses) {
    use.dtype = std::string(name);
    list.push_back(std::move(use));
  }
  return list;
}

std::vector<std::string> ModelFile::findings() const {
  const GgufMetadata& metadata = impl_->file.metadata();
  std::vector<std::string> findings = tensor_findings(impl_->file);
  const auto data = read_vocab(metadata);
  const auto tokenizer = data ? Tokenizer::create(*data) : fail(data);
  if (!tokenizer) return findings.push_back("tokenizer: " + tokenizer.error().message()), findings;
  std::ranges::copy(tokenizer->findings(), std::back_inserter(findings));
  std::ranges::move(template_findings(metadata), std::back_inserter(findings));
  return findings;
}

}  // namespace tenon
