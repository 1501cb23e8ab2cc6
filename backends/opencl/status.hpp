// What a result of OpenCL means to the host.
#pragma once

#include <tenon/abi/base.h>

#include "api.hpp"

namespace tenon::opencl {

tn_status status_of(cl_int result);
const char* name_of(cl_int result);  // "CL_OUT_OF_RESOURCES"

}  // namespace tenon::opencl
