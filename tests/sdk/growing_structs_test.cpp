// What the SDK does with structs that are shorter or longer than it knows, and with long lists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <tenon/sdk/arch.hpp>
#include <tenon/sdk/kernel.hpp>
#include <vector>

namespace tenon::sdk {
namespace {

using testing::ElementsAre;

// A node whose parameters are `bytes` long, of which the first four say so; the rest count up.
struct NodeWithParams {
  explicit NodeWithParams(uint32_t size) : bytes(size) {
    for (uint32_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i + 1);
    std::memcpy(bytes.data(), &size, sizeof size);
    node.params = bytes.data();
  }
  std::vector<uint8_t> bytes;  // on the heap: a sanitizer sees who reads behind them
  tn_node node{};
};

std::vector<uint8_t> bytes_of(const tn_rope_params& p) {
  std::vector<uint8_t> bytes(sizeof p);
  std::memcpy(bytes.data(), &p, sizeof p);
  return bytes;
}

TEST(Params, OfTheSizeThatIsKnownAreCopied) {
  const NodeWithParams n(sizeof(tn_rope_params));
  EXPECT_EQ(bytes_of(params<tn_rope_params>(n.node)), n.bytes);
}

TEST(Params, OfAnOlderHostEndInZeros) {
  for (const uint32_t size : {4u, 8u, 16u, 24u}) {
    const NodeWithParams n(size);
    std::vector<uint8_t> expected = n.bytes;
    expected.resize(sizeof(tn_rope_params));
    EXPECT_EQ(bytes_of(params<tn_rope_params>(n.node)), expected) << size;
  }
}

TEST(Params, OfANewerHostAreCut) {
  const NodeWithParams n(sizeof(tn_rope_params) + 8);
  std::vector<uint8_t> expected = n.bytes;
  expected.resize(sizeof(tn_rope_params));
  EXPECT_EQ(bytes_of(params<tn_rope_params>(n.node)), expected);
}

TEST(Params, ThatAreMissingAreZeros) {
  const tn_node node{};
  EXPECT_EQ(bytes_of(params<tn_rope_params>(node)),
            std::vector<uint8_t>(sizeof(tn_rope_params), 0));
}

// The struct of a caller, in a room of its own behind which nobody may write.
template <class T>
struct Room {
  explicit Room(uint32_t size) : bytes(size, 0xee) { std::memcpy(bytes.data(), &size, 4); }
  T* get() { return reinterpret_cast<T*>(bytes.data()); }
  std::vector<uint8_t> bytes;
};

TEST(Reply, FillsNoMoreThanTheCallerHasRoomFor) {
  const tn_cpu_work full = Work().phase(7).phase(9, TN_CPU_PHASE_REDUNDANT).shared(64).raw();
  for (const uint32_t size :
       {16u, 72u, static_cast<uint32_t>(sizeof full), static_cast<uint32_t>(sizeof full) + 8}) {
    Room<tn_cpu_work> room(size);
    reply(room.get(), full);
    std::vector<uint8_t> expected(size, 0xee);
    std::memcpy(expected.data(), &full, std::min<size_t>(size, sizeof full));
    std::memcpy(expected.data(), &size, 4);  // the caller's size stays
    EXPECT_EQ(room.bytes, expected) << size;
  }
}

struct TwoPhases {
  static Work plan(const Args&) { return Work().phase(3).phase(5); }
  static void run(const Args&, unsigned, uint64_t, uint64_t, void*) {}
};

// plan() of a pack of a later minor in a device of this one.
TEST(Plan, OfAKernelKeepsTheSizeOfTheDevice) {
  Room<tn_cpu_work> room(16);
  tn_cpu_args args{};
  ASSERT_EQ(detail::k_cpu_kernel<TwoPhases>.plan(&args, room.get()), TN_OK);
  const uint32_t expected[] = {16, 2, 3, 0};  // the size, two phases, three items in the first
  EXPECT_EQ(std::memcmp(room.bytes.data(), expected, sizeof expected), 0);
}

// A builder that notes the operands that it is given.
tn_status note_operands(void* ctx, const char*, uint64_t, const void*, const tn_val* in,
                        uint32_t n_in, tn_val* out, uint32_t n_out) {
  static_cast<std::vector<tn_val>*>(ctx)->assign(in, in + n_in);
  for (uint32_t i = 0; i < n_out; ++i) out[i] = 100 + i;
  return TN_OK;
}

TEST(GraphOp, TakesAnyNumberOfOperands) {
  std::vector<tn_val> seen;
  tn_builder builder{};
  builder.struct_size = sizeof builder;
  builder.ctx = &seen;
  builder.op = note_operands;
  const Graph graph(&builder);
  const auto t = [&](tn_val value) { return Tensor{&graph, value}; };
  Tensor out[2];
  graph.op("com.acme.many/1", 0, nullptr,
           {t(1), t(2), t(3), t(4), t(5), t(6), t(7), t(8), t(9), t(10), t(11)}, out);
  EXPECT_THAT(seen, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_EQ(out[0].value, 100u);
  EXPECT_EQ(out[1].value, 101u);
  graph.op("com.acme.none/1", 0, nullptr, {});
  EXPECT_TRUE(seen.empty());
}

}  // namespace
}  // namespace tenon::sdk
