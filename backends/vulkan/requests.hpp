// What tests and developers ask of a backend by its environment, which is read when it is created.
#pragma once

#include "adversary.hpp"
#include "backends/gpu/faults.hpp"
#include "lies.hpp"

namespace tenon::vulkan {

struct Requests {
  gpu::Faults faults{"TENON_VULKAN"};
  Adversary adversary{"TENON_VULKAN"};
  Lies lies{"TENON_VULKAN"};
};

}  // namespace tenon::vulkan
