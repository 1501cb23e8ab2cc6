// Opening a model: file, architecture, declarations, tokenizer, in this order, each timed.
#include "framework/engine/load/model.hpp"

#include <fmt/format.h>

#include "framework/base/quoted.hpp"
#include "framework/base/stopwatch.hpp"
#include "framework/engine/load/meta_table.hpp"
#include "framework/text/tokenizer/vocab_gguf.hpp"

namespace tenon {
namespace {

Result<const tn_arch_desc*> find_arch(const GgufFile& file, const Catalog& catalog) {
  const auto name = file.metadata().get_string("general.architecture");
  if (!name) return fail(name);
  if (!*name)
    return fail(ErrorCode::model, file.name() + ": general.architecture: required key is missing");
  if (const ArchOffer* offer = catalog.find_arch(**name)) return offer->desc;
  std::string known;
  for (const ArchOffer& offer : catalog.archs())
    for (const char* const* a = offer.desc->gguf_archs; *a != nullptr; ++a)
      known += std::string(" ") + *a;
  return fail(ErrorCode::unavailable,
              file.name() + ": no plugin offers the architecture " + quoted(**name) +
                  "; there are:" + (known.empty() ? " none" : known) + catalog.refusals({"arch"}));
}

// No other positions than the file asks for: a key about them that the architecture has not read
// would change them.
Status check_positions(const MetaTable& meta, const GgufFile& file) {
  const auto arch = file.metadata().get_string("general.architecture");
  const GgufEntry* unread = meta.find_unread(std::string(arch->value_or("")) + ".rope.");
  if (unread == nullptr) return {};
  return file.metadata().error(*unread, "the architecture does not know this key about positions");
}

Result<Tokenizer> make_tokenizer(const GgufFile& file) {
  const auto vocab = read_vocab(file.metadata());
  if (!vocab && !vocab.error().message().starts_with(file.name()))
    return fail(ErrorCode::model, file.name() + ": " + vocab.error().message());
  if (!vocab) return fail(vocab);
  auto tokenizer = Tokenizer::create(*vocab);
  if (!tokenizer) return fail(ErrorCode::model, file.name() + ": " + tokenizer.error().message());
  return tokenizer;
}

// What a step relies on: one row of n_vocab logits per wanted row, and attention over the pages.
bool gives_logits(const Graph& graph, std::int64_t n_vocab) {
  const auto logits = graph.outputs.find("logits");
  return logits != graph.outputs.end() && graph.inputs.contains("block_table") &&
         graph.values[logits->second].shape == make_shape({0, n_vocab}, TN_SYM_OUT_ROWS);
}

}  // namespace

Model::Model(std::unique_ptr<GgufFile> file, const tn_arch_desc* desc, ArchPtr arch,
             Declared declared, Tokenizer tokenizer)
    : file_(std::move(file)),
      desc_(desc),
      arch_(std::move(arch)),
      declared_(std::move(declared)),
      tokenizer_(std::move(tokenizer)) {}

std::vector<std::string> Model::findings() const {
  const auto of_text = tokenizer_.findings();
  std::vector<std::string> all(of_text.begin(), of_text.end());
  all.insert(all.end(), declared_.findings.begin(), declared_.findings.end());
  return all;
}

std::int64_t Model::limit(std::string_view name) const {
  const auto found = declared_.limits.find(name);
  return found != declared_.limits.end() ? found->second : 0;
}

Result<Model> Model::open(const std::filesystem::path& path, const HostTable& host,
                          const Catalog& catalog) {
  auto opened = GgufFile::open(path);
  if (!opened) return fail(opened);
  return load(std::move(*opened), host, catalog);
}

Result<Model> Model::load(GgufFile opened, const HostTable& host, const Catalog& catalog) {
  auto file = std::make_unique<GgufFile>(std::move(opened));
  LoadTimings times = file->times();

  // Which file is missing, rather than which tensor.
  if (Status s = file->check_whole(); !s) return fail(s);
  Stopwatch watch;
  const auto desc = find_arch(*file, catalog);
  if (!desc) return fail(desc);
  const MetaTable meta(*file);
  tn_arch* raw = nullptr;
  host.take_error();
  const tn_status status = (*desc)->create(host.get(), meta.table(), &raw);
  if (status != TN_OK || raw == nullptr)
    return fail(ErrorCode::model,
                file->name() + ": " + host.to_error(status, (*desc)->id).message());
  ArchPtr arch(raw, ArchDeleter{*desc});
  if (Status s = check_positions(meta, *file); !s) return fail(s);
  auto declared = read_declared(*file, **desc, arch.get(), host);
  if (!declared) return fail(declared);
  times.plan_ms = watch.lap_ms();

  auto tokenizer = make_tokenizer(*file);
  if (!tokenizer) return fail(tokenizer);
  if (static_cast<std::int64_t>(tokenizer->vocab_size()) > declared->limits["n_vocab"])
    return fail(ErrorCode::model, file->name() + ": tokenizer.ggml.tokens has " +
                                      std::to_string(tokenizer->vocab_size()) +
                                      " entries, the model " +
                                      std::to_string(declared->limits["n_vocab"]) + " rows");
  if (const auto source = read_chat_template(file->metadata()); !source) return fail(source);
  times.tokenizer_ms = watch.lap_ms();

  Model model(std::move(file), *desc, std::move(arch), std::move(*declared), std::move(*tokenizer));
  model.times_ = times;
  if (Status whole = model.check_file(ErrorCode::model); !whole) return fail(whole);
  return model;
}

Result<TextModel> open_text_model(const std::filesystem::path& path) {
  auto opened = GgufFile::open(path);
  if (!opened) return fail(opened);
  auto file = std::make_unique<GgufFile>(std::move(*opened));
  auto tokenizer = make_tokenizer(*file);
  const Status whole = file->check_whole();
  if (!tokenizer) return whole ? fail(tokenizer) : fail(whole);
  return TextModel{std::move(file), std::move(*tokenizer)};
}

Result<Graph> Model::build(std::int64_t n_ctx, const DType& cache_dtype,
                           const HostTable& host) const {
  BuildSources sources;
  sources.weight = [this](const std::string& name) -> std::optional<WeightShape> {
    const auto found = declared_.tensors.find(name);
    if (found == declared_.tensors.end()) return std::nullopt;
    Shape shape;
    shape.rank = found->second->rank;
    std::copy_n(found->second->dim.begin(), shape.rank, shape.dim.begin());
    return WeightShape{found->second->dtype, shape};
  };
  sources.state = [this](std::uint32_t id) -> std::optional<StateShape> {
    const auto found = declared_.states.find(id);
    if (found == declared_.states.end()) return std::nullopt;
    const KvState& kv = found->second;
    return StateShape{make_shape({kv.n_kv_heads, kv.dk, kv.dv}), kv.group};
  };
  sources.cache_dtype = &cache_dtype;
  sources.pages_per_sequence = (n_ctx + TN_PAGE_POSITIONS - 1) / TN_PAGE_POSITIONS;
  GraphBuilder builder(std::move(sources));
  host.take_error();
  const tn_build_req req{sizeof(req), 0};
  const tn_status status = desc_->build(arch_.get(), builder.table(), &req);
  auto graph = builder.finish();
  if (!graph)
    return fail(ErrorCode::model,
                file_->name() + ": " + std::string(desc_->id) + ": " + graph.error().message());
  if (status != TN_OK)
    return fail(ErrorCode::model,
                file_->name() + ": " + host.to_error(status, desc_->id).message());
  if (!gives_logits(*graph, n_vocab()))
    return fail(ErrorCode::model, file_->name() + ": " + std::string(desc_->id) +
                                      ": the graph does not give logits (O, " +
                                      std::to_string(n_vocab()) + ") from its cache");
  return graph;
}

}  // namespace tenon
