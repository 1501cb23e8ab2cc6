// What loading a model took: time by phase, memory by pool.
#pragma once

#include <cstdint>
#include <vector>

namespace tenon {

// Where the time before the first request went, in milliseconds; bytes beside it.
struct LoadTimings {
  double plugins_ms = 0, open_ms = 0, map_ms = 0, header_ms = 0, tokenizer_ms = 0, devices_ms = 0,
         plan_ms = 0, touch_ms = 0, repack_ms = 0, upload_ms = 0, compile_ms = 0, warmup_ms = 0;
  double ready_ms = 0;  // from build() to ready: includes everything above
  std::uint64_t bytes_mapped = 0, bytes_borrowed = 0, bytes_packed = 0, bytes_uploaded = 0;
};

// Layers of the cache whose positions live equally long.
struct KvGroupUse {
  std::int64_t window = 0;      // positions that a token reads at most; 0: all
  std::uint64_t positions = 0;  // that the cache holds, of all sequences
  std::uint64_t layers = 0, bytes = 0;
};

// Bytes by pool, planned and reserved before anything is allocated. A device that cannot say what a
// plan will take has its scratch reserved once the graph is compiled.
struct MemoryUse {
  std::uint64_t weights_mapped = 0;  // of the file: not in the sums
  std::uint64_t weights_packed = 0, weights_uploaded = 0, kv = 0, activations = 0, scratch = 0,
                staging = 0;
  std::vector<KvGroupUse> kv_groups;  // parts of kv
  std::uint64_t planned = 0;          // the sum of the pools
  std::uint64_t allocated = 0;        // by how much the memory of process and devices really grew
};

}  // namespace tenon
