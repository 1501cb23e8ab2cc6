// The C++ half of throw_in_init.c.
#include <tenon/abi/base.h>

#include <stdexcept>

extern "C" tn_status fixture_throw(const tn_host*) {
  throw std::runtime_error("thrown across the border");
}
