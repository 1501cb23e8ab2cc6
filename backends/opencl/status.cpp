// One row per result that this plugin may meet.
#include "status.hpp"

#include <array>

namespace tenon::opencl {
namespace {

struct Row {
  cl_int result;
  tn_status status;
  const char* name;
};

// Drivers have no word for a device that is gone: they say that it is not available, that resources
// are out (while work runs), or that the queue is none any more. -9999 is how one reports a wild access.
constexpr std::array k_rows = {
    Row{CL_SUCCESS, TN_OK, "CL_SUCCESS"},
    Row{CL_DEVICE_NOT_FOUND, TN_ERR_NOT_FOUND, "CL_DEVICE_NOT_FOUND"},
    Row{CL_DEVICE_NOT_AVAILABLE, TN_ERR_DEVICE_LOST, "CL_DEVICE_NOT_AVAILABLE"},
    Row{CL_COMPILER_NOT_AVAILABLE, TN_ERR_UNSUPPORTED, "CL_COMPILER_NOT_AVAILABLE"},
    Row{CL_MEM_OBJECT_ALLOCATION_FAILURE, TN_ERR_OOM, "CL_MEM_OBJECT_ALLOCATION_FAILURE"},
    Row{CL_OUT_OF_RESOURCES, TN_ERR_DEVICE_LOST, "CL_OUT_OF_RESOURCES"},
    Row{CL_OUT_OF_HOST_MEMORY, TN_ERR_OOM, "CL_OUT_OF_HOST_MEMORY"},
    Row{CL_BUILD_PROGRAM_FAILURE, TN_ERR_UNSUPPORTED, "CL_BUILD_PROGRAM_FAILURE"},
    Row{CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, TN_ERR_INTERNAL,
        "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST"},
    Row{CL_INVALID_COMMAND_QUEUE, TN_ERR_DEVICE_LOST, "CL_INVALID_COMMAND_QUEUE"},
    Row{CL_INVALID_BUFFER_SIZE, TN_ERR_OOM, "CL_INVALID_BUFFER_SIZE"},
    Row{-9999, TN_ERR_DEVICE_LOST, "an illegal access on the device"},
};

const Row& row_of(cl_int result) {
  static constexpr Row k_other = {0, TN_ERR_INTERNAL, "an unexpected result"};
  for (const Row& row : k_rows)
    if (row.result == result) return row;
  return k_other;
}

}  // namespace

tn_status status_of(cl_int result) { return row_of(result).status; }
const char* name_of(cl_int result) { return row_of(result).name; }

}  // namespace tenon::opencl
