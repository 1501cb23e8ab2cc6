// Every architecture against the exact answer of transformers, on tiny models: the logits of 300
// tokens, computed in several ways, from files of several types.
#include <random>

#include "tests/models/arch_model.hpp"
#include "tests/models/loaded_model.hpp"

namespace tenon::testing {
namespace {

constexpr double k_exact = 1e-8;
constexpr double k_half = 1e-4;  // F16 and BF16 files
constexpr std::int64_t k_context = 512;

LoadOptions options(const std::string& backend, std::int64_t chunk = k_arch_tokens) {
  LoadOptions o;
  o.backend = backend;
  o.cache_type = "f32";
  o.n_ctx = k_context;
  o.batch = chunk;
  o.max_out_rows = chunk;
  o.n_threads = 1;  // a step is too small to share
  return o;
}

// The golden's rows below `length`, and the same rows of all logits.
double distance(const ArchModel& model, std::span<const float> logits, std::size_t length) {
  const auto golden = model.golden();
  const auto rows = ArchModel::rows();
  const std::size_t n_vocab = golden.shape.at(1);
  std::vector<float> got, exact;
  for (std::size_t r = 0; r < rows.size() && rows[r] < length; ++r) {
    const auto row = logits.subspan(rows[r] * n_vocab, n_vocab);
    got.insert(got.end(), row.begin(), row.end());
    const auto* want = golden.values.data() + r * n_vocab;
    exact.insert(exact.end(), want, want + n_vocab);
  }
  return nmse(got, exact);
}

class ArchLogits : public ::testing::TestWithParam<std::string> {};

TEST_P(ArchLogits, OfTheReferenceAreExactWholeInChunksAndTokenByToken) {
  const ArchModel file(GetParam());
  const LoadedModel loaded(file.path());
  const auto runtime = loaded.runtime(options("cpu/reference"));
  ASSERT_EQ(file.golden().shape.at(0), ArchModel::rows().size());
  double worst = 0;
  for (const std::size_t length : {1u, 7u, 33u, 300u})
    for (const std::size_t chunk : {k_arch_tokens, std::size_t{37}, std::size_t{1}}) {
      const auto tokens = file.tokens();
      const auto logits =
          logits_of(*runtime, std::span(tokens).first(length), chunk, k_arch_tokens);
      const double error = distance(file, logits, length);
      EXPECT_LE(error, k_exact) << length << " tokens by " << chunk;
      worst = std::max(worst, error);
    }
  std::cout << GetParam() << ": " << worst << '\n';
}

TEST_P(ArchLogits, OfTheFastPacksAreAsExactOnFloatFiles) {
  const ArchModel file(GetParam());
  const LoadedModel loaded(file.path());
  for (const std::string& pack : loaded.usable_packs()) {
    if (pack == "cpu/reference") continue;
    const auto runtime = loaded.runtime(options(pack));
    for (const std::size_t chunk : {std::size_t{300}, std::size_t{37}, std::size_t{1}}) {
      const double error = distance(file, logits_of(*runtime, file.tokens(), chunk), k_arch_tokens);
      EXPECT_LE(error, k_exact) << pack << " by " << chunk;
    }
  }
}

TEST_P(ArchLogits, OfFilesOfSixteenBitsAreClose) {
  for (const char* dtype : {"f16", "bf16"}) {
    const ArchModel file(GetParam(), dtype);
    const LoadedModel loaded(file.path());
    for (const std::string& pack : loaded.usable_packs()) {
      const auto runtime = loaded.runtime(options(pack));
      const auto logits = logits_of(*runtime, file.tokens(), k_arch_tokens);
      const double error = distance(file, logits, k_arch_tokens);
      EXPECT_LE(error, k_half) << pack << ", " << dtype;
      EXPECT_GT(error, k_exact / 10) << pack << ": the weights were not rounded";
    }
  }
}

// On a stand-in for discrete GPUs: what it lacks is computed on the CPU.
TEST_P(ArchLogits, OfTheForeignDeviceAreExact) {
  const ArchModel file(GetParam());
  const LoadedModel loaded(file.path(),
                           {std::filesystem::path(TENON_EXAMPLES_DIR) / "foreign.tenon.so"});
  const auto runtime = loaded.runtime(options("foreign"));
  const auto& nodes = runtime->loaded().context.placement.nodes;
  EXPECT_TRUE(
      std::any_of(nodes.begin(), nodes.end(), [](const Choice& c) { return c.device == 0; }));
  for (const std::size_t chunk : {static_cast<std::size_t>(runtime->batch()), std::size_t{1}}) {
    const double error = distance(file, logits_of(*runtime, file.tokens(), chunk), k_arch_tokens);
    EXPECT_LE(error, k_exact) << "by " << chunk;
  }
}

// Layers on three devices, then every node on one of them at random: caches with and without
// windows, and whatever a layer hands on.
TEST_P(ArchLogits, OnThreeDevicesAreExact) {
  const ArchModel file(GetParam());
  const LoadedModel loaded(file.path(),
                           {std::filesystem::path(TENON_EXAMPLES_DIR) / "foreign.tenon.so"});
  const auto on = [&](const std::string& place) {
    LoadOptions o = options("auto");
    o.place = *parse_place(place);
    const auto runtime = loaded.runtime(o);
    for (const std::size_t chunk : {static_cast<std::size_t>(runtime->batch()), std::size_t{37}})
      EXPECT_LE(distance(file, logits_of(*runtime, file.tokens(), chunk), k_arch_tokens), k_exact)
          << place << " by " << chunk;
    return runtime->loaded().context.placement.nodes.back().number + 1;
  };
  const std::uint32_t n_nodes = on("layers 0=foreign/0, layers 1=foreign/1, rest=cpu/reference");
  constexpr std::array k_devices = {"foreign/0", "foreign/1", "cpu/reference"};
  std::mt19937 random(n_nodes);
  std::string place = "rest=cpu/reference";
  for (std::uint32_t n = 0; n < n_nodes; ++n)
    place += ", node " + std::to_string(n) + "=" + k_devices[random() % k_devices.size()];
  on(place);
}

INSTANTIATE_TEST_SUITE_P(Goldens, ArchLogits, ::testing::ValuesIn(ArchModel::names()),
                         [](const auto& row) { return row.param; });

// The names that converters gave to one thing.
struct Spelling {
  const char* model;
  const char* changes;
};
constexpr Spelling k_spellings[] = {
    {"llama_linear", R"({"metadata": {"llama.rope.scaling.type": null}})"},
    {"llama_linear", R"({"metadata": {"llama.rope.scaling.type": null,
                        "llama.rope.scaling.factor": null, "llama.rope.scale_linear": 4.0}})"},
    {"llama_yarn_explicit", R"({"metadata": {"llama.rope.scaling.yarn_attn_factor": 1.0,
                               "llama.rope.scaling.attn_factor": 1.25}})"},
    {"gemma3_linear", R"({"metadata": {"gemma3.rope.freq_base": null,
                         "gemma3.rope.freq_base_swa": null, "gemma3.rope.global.freq_base": 1e6,
                         "gemma3.rope.local.freq_base": 5000.0}})"},
};

// The description with q, k and v as the rows of one matrix, which a converter can write.
nlohmann::ordered_json with_fused_rows(const std::string& model) {
  std::ifstream in(ArchModel::folder() / (model + ".json"));
  const auto tensors = nlohmann::ordered_json::parse(in)["tensors"];
  nlohmann::ordered_json changes;
  for (const auto& [name, shape] : tensors.items())
    for (const char* part : {"attn_q.", "attn_k.", "attn_v."})
      if (const auto at = name.find(part); at != std::string::npos) {
        changes["tensors"][name.substr(0, at) + "attn_qkv." + name.substr(at + 7)][name] = shape;
        changes["tensors"][name] = nullptr;
      }
  return changes;
}

double distance_with(const std::string& model, const nlohmann::ordered_json& changes) {
  const ArchModel file(model, "f32", false, changes);
  const LoadedModel loaded(file.path());
  const auto runtime = loaded.runtime(options("cpu/reference"));
  return distance(file, logits_of(*runtime, file.tokens(), k_arch_tokens), k_arch_tokens);
}

TEST(Attention, IsTheSameWithOneMatrixForAll) {
  for (const char* model : {"llama_plain", "llama_head_dim", "llama_biases", "qwen2", "qwen3"})
    EXPECT_LE(distance_with(model, with_fused_rows(model)), k_exact) << model;
}

TEST(Layers, MayRepeatOneValue) {
  const auto changes = nlohmann::ordered_json::parse(
      R"({"metadata": {"llama.attention.head_count": [4, 4], "llama.attention.head_count_kv": [2, 2],
                       "llama.feed_forward_length": [96, 96]}})");
  EXPECT_LE(distance_with("llama_plain", changes), k_exact);
}

TEST(Positions, AreTheSameUnderEveryNameOfTheirKeys) {
  for (const Spelling& s : k_spellings) {
    EXPECT_LE(distance_with(s.model, nlohmann::ordered_json::parse(s.changes)), k_exact)
        << s.model << s.changes;
  }
}

// What llama.cpp's arithmetic with an F32 cache costs on the same files. The exact answer for the
// weights of a file is the reference pack's.
struct Quantised {
  const char* model;
  const char* dtype;
  double llama_cpp;
};
constexpr Quantised k_quantised[] = {
    {"llama_plain", "q8_0", 6.8e-5}, {"llama_plain", "q4_0", 6.4e-5},
    {"llama_plain", "q4_K", 1.3e-4}, {"phi3_plain", "q8_0", 6.3e-5},
    {"phi3_plain", "q4_0", 6.1e-5},  {"phi3_plain", "q4_K", 1.3e-4},
    {"gemma3", "q4_K", 6.6e-6},
};

TEST(QuantisedLogits, OfTheFastPacksAreNoFurtherThanThoseOfLlamaCpp) {
  for (const Quantised& q : k_quantised) {
    const ArchModel file(q.model, q.dtype, /*widen=*/true);
    const LoadedModel loaded(file.path());
    const auto tokens = file.tokens();
    const std::span some(tokens.data(), 33);
    const auto exact = logits_of(*loaded.runtime(options("cpu/reference")), some, 33);
    for (const std::string& pack : loaded.usable_packs()) {
      if (pack == "cpu/reference") continue;
      const double error = nmse(logits_of(*loaded.runtime(options(pack)), some, 33), exact);
      EXPECT_LE(error, q.llama_cpp) << q.model << ", " << pack << ", " << q.dtype;
      std::cout << q.model << ", " << pack << ", " << q.dtype << ": " << error << '\n';
    }
  }
}

}  // namespace
}  // namespace tenon::testing
