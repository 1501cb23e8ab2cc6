// Token: the index of a token in a model's vocabulary.
#pragma once

#include <cstdint>

namespace tenon {

using Token = std::int32_t;

}  // namespace tenon
