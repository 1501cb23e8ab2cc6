// ForeignDevice: the foreign backend, opened as a host would, with the calls that tests repeat.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "plugins/conformance/test_host.hpp"

namespace tenon::conformance {

constexpr uint64_t k_second_ns = 1'000'000'000;

// The arguments of a submission; what they point at stays with the test.
struct Submission {
  std::vector<const tn_cmd*> cmds = {};
  std::vector<tn_point> waits = {};
  std::vector<tn_point> signals = {};
  const uint32_t* cancel = nullptr;
  tn_status* result = nullptr;
};

class ForeignDevice : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  const tn_host* host() const { return host_.table(); }
  tn_buffer* allocate(uint64_t size);
  tn_timeline* make_timeline(uint64_t initial = 0);
  tn_queue* open_queue();
  void close(tn_queue* queue);
  // `layout`: of the device itself; nullptr: plain.
  tn_weight* put(const tn_tensor& tensor, const std::vector<uint8_t>& bytes,
                 const char* layout = nullptr);

  tn_status submit(tn_queue* queue, const Submission& s) const;
  // Raises a timeline by a submission of a queue of its own.
  tn_status signal(tn_timeline* timeline, uint64_t value);
  // The device closed, and a new backend opened with this in its environment.
  void restart(const char* variable, const char* value);
  // Submits, expects TN_OK, and waits until it is done.
  void run(const std::vector<const tn_cmd*>& cmds);
  tn_status wait(tn_timeline* timeline, uint64_t value, uint64_t timeout = 20 * k_second_ns) const {
    return api_->timeline_wait(device_, timeline, value, timeout);
  }
  // TN_ERR_… as a value above 1000.
  uint64_t query(tn_timeline* timeline) const;

  template <class T>
  void upload(tn_buffer* buffer, uint64_t offset, const std::vector<T>& values) {
    const tn_cmd_write cmd{head<tn_cmd_write>(TN_CMD_WRITE), values.data(), buffer, offset,
                           values.size() * sizeof(T)};
    run({&cmd.head});
  }
  template <class T>
  std::vector<T> download(tn_buffer* buffer, uint64_t offset, std::size_t count) {
    std::vector<T> values(count);
    const tn_cmd_read cmd{head<tn_cmd_read>(TN_CMD_READ), buffer, offset, count * sizeof(T),
                          values.data()};
    run({&cmd.head});
    return values;
  }
  template <class C>
  static tn_cmd head(uint32_t type) {
    return {sizeof(C), type};
  }

  TestHost host_;
  const tn_backend_factory* factory_ = nullptr;
  const tn_device_api* api_ = nullptr;
  tn_backend* backend_ = nullptr;
  tn_device* device_ = nullptr;
  tn_queue* queue_ = nullptr;  // for run()

 private:
  tn_queue* signaller_ = nullptr;
  tn_timeline* done_ = nullptr;
  uint64_t runs_ = 0;
  void open_backend();
  void close_all();
  std::vector<tn_buffer*> buffers_;
  std::vector<tn_timeline*> timelines_;
  std::vector<tn_queue*> queues_;
  std::vector<tn_weight*> weights_;
};

// A subgraph built by hand. All tensors but weights lie in binding 0.
class GraphBuilder {
 public:
  explicit GraphBuilder(TestHost& host) : host_(&host) {}

  tn_tensor describe(const std::string& dtype, const std::vector<int64_t>& dims,
                     uint32_t sym = TN_SYM_STATIC);
  // The index of a new tensor at `offset` bytes of the binding.
  uint32_t tensor(const std::vector<int64_t>& dims, uint64_t offset, uint32_t sym = TN_SYM_STATIC);
  uint32_t view(uint32_t of, const std::vector<int64_t>& dims, const std::vector<int64_t>& strides,
                uint64_t offset, uint32_t sym = TN_SYM_STATIC);
  uint32_t weight(const tn_tensor& description, tn_weight* handle);
  uint32_t add(const tn_tensor& tensor) {
    tensors_.push_back(tensor);
    return static_cast<uint32_t>(tensors_.size() - 1);
  }
  uint32_t retype(uint32_t tensor, const std::string& dtype) {
    tensors_[tensor].dtype = host_->intern(TN_KIND_DTYPE, dtype);
    return tensor;
  }
  void node(const char* op, const std::vector<uint32_t>& in, uint32_t out, uint64_t features = 0,
            const void* params = nullptr);
  // The name of the last node.
  void call(const char* name) { nodes_.back().name = name; }
  const tn_subgraph& graph();
  const tn_tensor& operator[](uint32_t i) const { return tensors_[i]; }

 private:
  TestHost* host_;
  std::vector<tn_tensor> tensors_;
  std::vector<tn_node> nodes_;
  std::deque<std::vector<uint32_t>> operands_;
  std::vector<tn_weight*> weights_;
  tn_subgraph graph_{};
};

}  // namespace tenon::conformance
