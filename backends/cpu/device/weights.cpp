// WeightStore: what to do with one weight, and packing its row groups in parallel.
#include "backends/cpu/device/weights.hpp"

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstring>
#include <memory>
#include <tenon/sdk/device.hpp>

#include "backends/cpu/device/checked_product.hpp"
#include "backends/cpu/device/error.hpp"

namespace tenon::cpu {

namespace {

constexpr uint64_t k_chunk_bytes = 1 << 20;  // of packing between two looks at the cancel flag

uint64_t rows_of(const tn_tensor& tensor) {
  uint64_t rows = 1;
  for (uint32_t axis = 0; axis + 1 < tensor.rank; ++axis) {
    if (!product(rows, rows, tensor.dim[axis])) return 0;
  }
  return rows;
}

bool is_plain(const tn_layout_desc* layout) {
  return layout == nullptr || std::strcmp(layout->id, TN_LAYOUT_PLAIN) == 0;
}

// Packing of one weight, as the workers see it.
struct PackJob {
  ThreadPool& pool;
  const tn_weight_desc& desc;
  std::byte* packed;
  uint64_t rows, groups, max_chunk;
  std::atomic<tn_status> status{TN_OK};

  void stop(tn_status why) {
    tn_status none = TN_OK;
    status.compare_exchange_strong(none, why, std::memory_order_relaxed);
  }
  void pack_groups(uint64_t first, uint64_t last) {
    if (status.load(std::memory_order_relaxed) != TN_OK) return;
    if (sdk::raised(desc.cancel)) return stop(TN_ERR_CANCELLED);
    const uint64_t size = desc.layout->group_rows;
    const tn_status result = desc.layout->pack(desc.layout, desc.tensor, desc.data, packed,
                                               first * size, std::min(last * size, rows));
    if (result != TN_OK) stop(result);
  }
  static void body(void* context, unsigned worker) {
    auto& job = *static_cast<PackJob*>(context);
    job.pool.share(worker, job.groups, job.max_chunk,
                   [&](uint64_t first, uint64_t last) { job.pack_groups(first, last); });
  }
};

}  // namespace

tn_status WeightStore::check(const tn_weight_desc* desc) const {
  if (desc == nullptr || desc->struct_size < TN_SIZE_1_0_tn_weight_desc ||
      desc->tensor == nullptr) {
    return refuse(host_, TN_ERR_INVALID, "weight_put: description missing or too short");
  }
  if (desc->data == nullptr || desc->bytes == 0) {
    return refuse(host_, TN_ERR_INVALID, "weight %s has no data", or_unnamed(desc->name));
  }
  if (sdk::must_decline(desc->flags)) {
    return refuse(host_, TN_ERR_UNSUPPORTED, "weight %s: unknown flags %#x", or_unnamed(desc->name),
                  desc->flags);
  }
  const tn_tensor& tensor = *desc->tensor;
  if (tensor.rank > TN_MAX_RANK ||
      std::any_of(tensor.dim, tensor.dim + tensor.rank, [](int64_t d) { return d <= 0; }) ||
      rows_of(tensor) == 0) {
    return refuse(host_, TN_ERR_INVALID, "weight %s has no valid shape", or_unnamed(desc->name));
  }
  return TN_OK;
}

tn_status WeightStore::put(const tn_weight_desc* desc, Weight** out) {
  if (out == nullptr) return refuse(host_, TN_ERR_INVALID, "weight_put: out is NULL");
  if (const tn_status status = check(desc); status != TN_OK) return status;
  if (sdk::raised(desc->cancel)) return TN_ERR_CANCELLED;
  auto made = std::make_unique<Weight>();
  if (const tn_status status = store(*desc, *made); status != TN_OK) return status;
  ++done_.n_weights;
  *out = made.release();
  return TN_OK;
}

tn_status WeightStore::store(const tn_weight_desc& desc, Weight& weight) {
  if (!is_plain(desc.layout)) return pack(desc, weight);
  if ((desc.flags & TN_WEIGHT_BORROW_OK) == 0) return copy(desc, weight);
  weight.data = desc.data;
  done_.borrowed_bytes += desc.bytes;
  return TN_OK;
}

tn_status WeightStore::copy(const tn_weight_desc& desc, Weight& weight) {
  const uint64_t start = Gate::now_ns();
  if (!weight.region.allocate(desc.bytes)) {
    return out_of_memory(host_, or_unnamed(desc.name), desc.bytes);
  }
  std::memcpy(weight.region.data(), desc.data, desc.bytes);
  weight.data = weight.region.data();
  done_.uploaded_bytes += desc.bytes;
  done_.upload_ns += Gate::now_ns() - start;
  return TN_OK;
}

tn_status WeightStore::pack(const tn_weight_desc& desc, Weight& weight) {
  const uint64_t start = Gate::now_ns();
  const tn_layout_desc& layout = *desc.layout;
  const char* name = or_unnamed(desc.name);
  if (layout.struct_size < TN_SIZE_1_0_tn_layout_desc || layout.group_rows == 0) {
    return refuse(host_, TN_ERR_INVALID, "weight %s: layout description too short or empty", name);
  }
  uint64_t bytes = 0, align = 0;
  if (const tn_status status = layout.packed_size(&layout, desc.tensor, &bytes, &align);
      status != TN_OK) {
    return refuse(host_, status, "weight %s: layout %s does not take its shape", name, layout.id);
  }
  if ((align & (align - 1)) != 0 || align > k_huge_page) {
    return refuse(host_, TN_ERR_INVALID, "weight %s: layout %s wants alignment %" PRIu64, name,
                  layout.id, align);
  }
  if (!weight.region.allocate(bytes, align)) return out_of_memory(host_, name, bytes);
  const uint64_t rows = rows_of(*desc.tensor);
  const uint64_t groups = (rows - 1) / layout.group_rows + 1;
  const uint64_t chunk = std::max<uint64_t>(1, k_chunk_bytes / (bytes / groups + 1));
  PackJob job{pool_, desc, weight.region.data(), rows, groups, chunk};
  ThreadPool::Turn(pool_).run(PackJob::body, &job);
  const tn_status status = job.status.load();
  if (status != TN_OK) {
    return refuse(host_, status, "weight %s: packing into layout %s %s", name, layout.id,
                  status == TN_ERR_CANCELLED ? "was cancelled" : "failed");
  }
  weight.data = weight.region.data();
  done_.packed_bytes += bytes;
  done_.pack_ns += Gate::now_ns() - start;
  return TN_OK;
}

void WeightStore::report(tn_weight_report* inout) {
  done_.struct_size = sizeof done_;
  sdk::reply(inout, done_);
  done_ = {};
}

}  // namespace tenon::cpu
