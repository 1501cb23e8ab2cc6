// A tiny model cut at every byte and changed in 10,000 ways, through the whole load path: refused
// with a reason or accepted, never a crash, a hang or memory out of proportion.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <iostream>
#include <map>
#include <random>

#include "tests/faults/models/heap_use.hpp"
#include "tests/faults/models/load_path.hpp"
#include "tests/faults/models/micro_llama.hpp"

namespace tenon::testing {
namespace {

constexpr double k_max_seconds = 2.0;

// A file costs memory in proportion to its size, whatever it claims. The honest one, which is as
// large as its mutants, needs nearly all of its memory for steps, so that its peak comes on top.
constexpr std::size_t k_bytes_per_byte = 10;
constexpr std::size_t k_spare_bytes = 128 * 1024;
constexpr std::int64_t k_bytes_per_page = 16;  // tables for the context that the file asks for

class HostileFiles : public ::testing::Test {
 protected:
  // True when the file was accepted; whatever happens, it has to happen in good order.
  bool survives(std::span<const std::byte> bytes, const std::string& what) {
    const Outcome outcome = path_.run(bytes);
    most_seconds_ = std::max(most_seconds_, outcome.cpu_seconds);
    most_bytes_ = std::max(most_bytes_, outcome.peak_bytes);
    EXPECT_LT(outcome.cpu_seconds, k_max_seconds) << what;
    const auto tables =
        static_cast<std::size_t>(outcome.n_ctx / TN_PAGE_POSITIONS * k_bytes_per_page);
    EXPECT_LT(outcome.peak_bytes,
              honest_bytes_ + k_bytes_per_byte * bytes.size() + k_spare_bytes + tables)
        << what;
    ++stages_[outcome.stage];
    if (!outcome.error) return true;
    const Error& error = *outcome.error;
    EXPECT_TRUE(allowed(outcome.stage, error)) << what << ": " << error.message();
    EXPECT_GT(error.message().size(), 20u) << what;
    return false;
  }

  // 3 everywhere; 4 for another architecture, or a type that no kernel of this build computes with;
  // 5 for memory; 1 for weights that give no numbers.
  static bool allowed(Stage stage, const Error& error) {
    const auto says = [&](const char* text) {
      return error.message().find(text) != std::string::npos;
    };
    if (error.code() == ErrorCode::model) return true;
    if (error.code() == ErrorCode::unavailable)
      return says("no plugin offers the architecture") || says("no device runs");
    if (error.code() == ErrorCode::limit) return says("needed") && says("available");
    return stage == Stage::answer && says("non_finite_logits");
  }

  void TearDown() override {
    std::cout << "worst: " << most_seconds_ * 1e3 << " ms, " << most_bytes_ << " bytes; refused by";
    for (const auto& [stage, count] : stages_)
      std::cout << " stage " << static_cast<int>(stage) << ": " << count;
    std::cout << '\n';
  }

  const LoadPath path_;
  const Bytes good_ = MicroLlama().build();
  const std::size_t honest_bytes_ = path_.run(good_).peak_bytes;
  std::map<Stage, int> stages_;
  double most_seconds_ = 0;
  std::size_t most_bytes_ = 0;
};

TEST_F(HostileFiles, TheHonestOneIsAccepted) {
  const Outcome outcome = path_.run(good_);
  EXPECT_EQ(outcome.stage, Stage::done) << (outcome.error ? outcome.error->message() : "");
}

TEST_F(HostileFiles, CutAtEveryByteAreRefused) {
  for (std::size_t size = 0; size < good_.size(); ++size)
    EXPECT_FALSE(survives(std::span(good_).first(size), "cut to " + std::to_string(size))) << size;
}

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  // Three of four changes hit what describes the model; the rest hits its weights too.
  Bytes change(const Bytes& good, std::size_t described) {
    Bytes bytes = good;
    for (std::size_t n = 1 + below(3); n > 0; --n) {
      const std::size_t at = below(below(4) > 0 ? described : bytes.size() - 16);
      (this->*k_changes[below(std::size(k_changes))])(bytes, at);
    }
    return bytes;
  }

 private:
  using Change = void (Mutator::*)(Bytes&, std::size_t);

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_()) % n; }
  void set_byte(Bytes& bytes, std::size_t at) { bytes[at] = static_cast<std::byte>(below(256)); }
  void flip_bit(Bytes& bytes, std::size_t at) { bytes[at] ^= std::byte{1} << below(8); }
  void set_number(Bytes& bytes, std::size_t at) {
    constexpr std::uint64_t k_nasty[] = {
        0, 1, 2, 255, 1U << 31, UINT32_MAX, 1ULL << 32, 1ULL << 40, 1ULL << 63, UINT64_MAX};
    std::memcpy(&bytes[at], &k_nasty[below(std::size(k_nasty))], 1 + below(8));
  }
  void copy_piece(Bytes& bytes, std::size_t at) {
    const std::size_t from = below(bytes.size() - 16);
    std::memmove(&bytes[at], &bytes[from], 1 + below(16));
  }
  void insert_bytes(Bytes& bytes, std::size_t at) {
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), 1 + below(9), bytes[at]);
  }
  void remove_bytes(Bytes& bytes, std::size_t at) {
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    bytes.erase(from, from + static_cast<std::ptrdiff_t>(1 + below(9)));
  }

  static constexpr Change k_changes[] = {
      &Mutator::set_byte,   &Mutator::flip_bit,     &Mutator::set_number,  &Mutator::set_number,
      &Mutator::copy_piece, &Mutator::insert_bytes, &Mutator::remove_bytes};
  std::mt19937 random_;
};

TEST_F(HostileFiles, TenThousandMutations) {
  const auto file = GgufFile::parse(good_, "good.gguf");
  ASSERT_TRUE(file) << file.error().message();
  std::size_t described = good_.size();  // up to the data of the tensors
  for (const GgufTensor& t : file->tensors()) described = std::min(described, t.offset);
  Mutator mutator(20260101);
  int accepted = 0;
  for (int round = 0; round < 10'000; ++round)
    accepted += survives(mutator.change(good_, described), "round " + std::to_string(round));
  EXPECT_GT(accepted, 500);    // the changes get past every check …
  EXPECT_LT(accepted, 9'500);  // … and are noticed
  for (const Stage stage : {Stage::file, Stage::model, Stage::text})
    EXPECT_GT(stages_[stage], 10) << static_cast<int>(stage);
}

// Megabytes of what a vocabulary consists of; `more` adds it in the place of `without`.
struct BigVocabulary {
  const char* name;
  std::set<std::string> without;
  void (*more)(GgufBuilder&);
};

constexpr std::size_t k_million = 1'000'000;
const char* const k_tokens = "tokenizer.ggml.tokens";
const char* const k_types = "tokenizer.ggml.token_type";
const char* const k_merges = "tokenizer.ggml.merges";
const char* const k_scores = "tokenizer.ggml.scores";
const char* const k_layers = "llama.block_count";

std::vector<std::string> numbered(std::size_t n) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < n; ++i) texts.push_back(std::to_string(i));
  return texts;
}

const BigVocabulary k_vocabularies[] = {
    {"tokens_of_nothing",
     {k_tokens, k_types},
     [](GgufBuilder& f) { f.strings(k_tokens, std::vector<std::string>(k_million)); }},
    {"tokens_of_digits",
     {k_tokens, k_types},
     [](GgufBuilder& f) { f.strings(k_tokens, numbered(k_million)); }},
    {"control_tokens",
     {k_tokens, k_types},
     [](GgufBuilder& f) {
       f.strings(k_tokens, numbered(k_million));
       f.array<std::int8_t>(k_types, std::vector<std::int8_t>(k_million, 3));
     }},
    {"merges_of_nothing",
     {k_merges},
     [](GgufBuilder& f) { f.strings(k_merges, std::vector<std::string>(k_million, "a b")); }},
    {"merges_of_one_token",
     {k_tokens, k_types, k_merges},
     [](GgufBuilder& f) {
       std::vector<std::string> tokens, merges;
       for (std::size_t i = 1; i <= 400; ++i) tokens.push_back(std::string(i, 'a'));
       for (std::size_t i = 0; i < 400; ++i)
         for (std::size_t k = 0; i + k < 399; ++k) merges.push_back(tokens[i] + ' ' + tokens[k]);
       f.strings(k_tokens, tokens);
       f.strings(k_merges, merges);
     }},
    {"types_of_bytes",
     {k_types},
     [](GgufBuilder& f) {
       f.array<std::int8_t>(k_types, std::vector<std::int8_t>(8 * k_million, 1));
     }},
    {"scores_of_bytes",
     {},
     [](GgufBuilder& f) {
       f.array<std::uint8_t>(k_scores, std::vector<std::uint8_t>(8 * k_million, 1));
     }},
    {"layers_of_bytes",
     {k_layers},
     [](GgufBuilder& f) {
       f.array<std::uint8_t>(k_layers, std::vector<std::uint8_t>(8 * k_million, 1));
     }},
};

TEST_F(HostileFiles, VocabulariesCostInProportionToTheirSize) {
  for (const BigVocabulary& vocabulary : k_vocabularies) {
    MicroLlama model;
    model.without = vocabulary.without;
    model.more = vocabulary.more;
    survives(model.build(), vocabulary.name);
  }
}

// Sixty-four gigabytes of which nothing is there, as in a sparse file.
TEST_F(HostileFiles, CountsThatOnlyASparseFileHoldsAreRefused) {
  constexpr std::size_t k_size = std::size_t{64} << 30;
  void* const mapped = ::mmap(nullptr, k_size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  const std::span bytes(static_cast<std::byte*>(mapped), k_size);
  for (const GgufType element : {GgufType::string, GgufType::boolean, GgufType::f32}) {
    Bytes start;
    put_text(start, "GGUF");
    put<std::uint32_t>(start, 3);
    put<std::uint64_t>(start, 0);
    put<std::uint64_t>(start, 1);
    put_string(start, "many");
    put(start, static_cast<std::uint32_t>(GgufType::array));
    put(start, static_cast<std::uint32_t>(element));
    put<std::uint64_t>(start, std::uint64_t{1} << 32);
    std::ranges::copy(start, bytes.begin());
    const HeapUse use;
    const auto file = GgufFile::parse(bytes, "sparse.gguf");
    EXPECT_LT(use.peak(), std::size_t{1} << 20);
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().message().find("array count"), std::string::npos);
  }
  ::munmap(mapped, k_size);
}

}  // namespace
}  // namespace tenon::testing
