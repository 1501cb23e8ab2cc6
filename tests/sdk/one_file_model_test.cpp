// example-tiny builds a graph of the shape it describes, and says which key is wrong if one is.
#include <algorithm>
#include <map>

#include "framework/graph/builder.hpp"
#include "framework/graph/op_info.hpp"
#include "load_factory.hpp"
#include "plugins/conformance/test_host.hpp"

namespace tenon {
namespace {

constexpr int64_t k_vocab = 48, k_layers = 2, k_width = 32;

// The metadata, and what the model declares.
struct FakeFile {
  std::map<std::string, int64_t> numbers = {{"example-tiny.block_count", k_layers},
                                            {"example-tiny.embedding_length", k_width},
                                            {"example-tiny.attention.head_count", 4},
                                            {"example-tiny.feed_forward_length", 64},
                                            {"example-tiny.context_length", 128}};
  std::map<std::string, Shape> tensors;
  std::map<uint32_t, Shape> layers;
  std::map<std::string, int64_t> limits;
};

FakeFile& file_of(void* ctx) { return *static_cast<FakeFile*>(ctx); }

tn_meta meta_of(FakeFile& file) {
  tn_meta meta{};
  meta.struct_size = sizeof meta;
  meta.ctx = &file;
  meta.get_i64 = [](void* ctx, const char* key, int64_t* out) -> tn_status {
    const auto at = file_of(ctx).numbers.find(key);
    if (at == file_of(ctx).numbers.end()) return TN_ERR_NOT_FOUND;
    *out = at->second;
    return TN_OK;
  };
  meta.get_f64 = [](void*, const char*, double*) -> tn_status { return TN_ERR_NOT_FOUND; };
  meta.get_str = [](void*, const char* key, const char** out, uint64_t* size) -> tn_status {
    if (std::string(key) != "general.architecture") return TN_ERR_NOT_FOUND;
    *out = "example-tiny";
    *size = 12;
    return TN_OK;
  };
  meta.tensor_dim = [](void*, const char* name, uint32_t axis) -> int64_t {
    return std::string(name) == "token_embd.weight" ? (axis == 0 ? k_vocab : k_width) : 0;
  };
  return meta;
}

tn_declare declare_of(FakeFile& file) {
  tn_declare declare{};
  declare.struct_size = sizeof declare;
  declare.ctx = &file;
  declare.tensor = [](void* ctx, const char* name, uint32_t, uint32_t rank,
                      const int64_t* dim) -> tn_status {
    Shape& shape = file_of(ctx).tensors[name];
    shape.rank = rank;
    std::copy_n(dim, rank, shape.dim.begin());
    return TN_OK;
  };
  declare.kv_state = [](void* ctx, uint32_t id, uint32_t heads, uint32_t dk, uint32_t dv,
                        int64_t) -> tn_status {
    file_of(ctx).layers[id] = make_shape({heads, dk, dv});
    return TN_OK;
  };
  declare.limit = [](void* ctx, const char* name, int64_t value) -> tn_status {
    file_of(ctx).limits[name] = value;
    return TN_OK;
  };
  return declare;
}

class OneFileModel : public testing::Test {
 protected:
  void SetUp() override {
    const auto* factory = conformance::load_factory<tn_arch_factory>(
        TENON_TINY_PLUGIN, TN_FACTORY_ARCH, host_.table());
    ASSERT_NE(factory, nullptr);
    const tn_arch_desc* const* archs = nullptr;
    ASSERT_EQ(factory->archs(&archs), 1u);
    arch_ = archs[0];
  }
  tn_status create(tn_arch** out) {
    const tn_meta meta = meta_of(file_);
    return arch_->create(host_.table(), &meta, out);
  }

  conformance::TestHost host_;
  const tn_arch_desc* arch_ = nullptr;
  FakeFile file_;
};

TEST_F(OneFileModel, BuildsItsGraph) {
  EXPECT_STREQ(arch_->id, "example-tiny");
  EXPECT_STREQ(arch_->gguf_archs[0], "example-tiny");
  tn_arch* model = nullptr;
  ASSERT_EQ(create(&model), TN_OK) << host_.last_error();
  const tn_declare declare = declare_of(file_);
  ASSERT_EQ(arch_->declare(model, &declare), TN_OK);
  EXPECT_EQ(file_.tensors.size(), 2u + k_layers * 8u);
  EXPECT_EQ(file_.layers.at(1), make_shape({4, 8, 8}));
  EXPECT_EQ(file_.limits.at("n_vocab"), k_vocab);

  BuildSources sources;
  sources.cache_dtype = find_dtype("f16");
  sources.weight = [&](const std::string& name) -> std::optional<WeightShape> {
    const auto at = file_.tensors.find(name);
    if (at == file_.tensors.end()) return std::nullopt;
    return WeightShape{find_dtype("f32"), at->second};
  };
  sources.state = [&](uint32_t id) -> std::optional<StateShape> {
    return StateShape{file_.layers.at(id), 0};
  };
  GraphBuilder builder(sources);
  const tn_build_req req{sizeof req, 0};
  ASSERT_EQ(arch_->build(model, builder.table(), &req), TN_OK);
  arch_->destroy(model);
  const auto graph = builder.finish();
  ASSERT_TRUE(graph) << graph.error().message();
  const auto count = [&](std::string_view op) {
    return std::count_if(graph->nodes.begin(), graph->nodes.end(),
                         [&](const Node& n) { return n.op->name == op; });
  };
  EXPECT_EQ(count(TN_OP_MATMUL), 6 * k_layers + 1);
  EXPECT_EQ(count(TN_OP_ROPE), 2 * k_layers);
  EXPECT_EQ(count(TN_OP_ATTENTION), k_layers);
  EXPECT_EQ(count(TN_OP_GELU_TANH), k_layers);
  const Value& logits = graph->values[graph->outputs.at("logits")];
  EXPECT_EQ(logits.shape, make_shape({0, k_vocab}, TN_SYM_OUT_ROWS));
}

TEST_F(OneFileModel, NamesTheKeyThatIsWrong) {
  tn_arch* model = nullptr;
  file_.numbers.erase("example-tiny.feed_forward_length");
  EXPECT_EQ(create(&model), TN_ERR_INVALID);
  EXPECT_EQ(host_.last_error(), "example-tiny.feed_forward_length: required key is missing");
  file_ = FakeFile();
  file_.numbers["example-tiny.attention.head_count"] = 5;
  EXPECT_EQ(create(&model), TN_ERR_INVALID);
  EXPECT_EQ(host_.last_error(), "the heads must divide the width into even parts");
  EXPECT_EQ(model, nullptr);
}

}  // namespace
}  // namespace tenon
