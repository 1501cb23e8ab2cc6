/* A backend that is well-formed but crashes when asked for its devices. */
#include <stddef.h>
#include <tenon/abi/device.h>
static int* volatile nowhere = (int*)8;
static tn_status crash(tn_backend* backend, tn_device_info* first, uint32_t stride, uint32_t cap,
                       uint32_t* n) {
  (void)backend, (void)first, (void)stride, (void)cap, (void)n;
  *nowhere = 1;
  return TN_OK;
}
#define BACKEND_ENUMERATE crash
#include "backend.h"
