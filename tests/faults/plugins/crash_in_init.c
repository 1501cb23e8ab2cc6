/* Crashes in init. */
#include <tenon/abi/base.h>
static int* volatile nowhere = (int*)8;
static tn_status crash(const tn_host* host) {
  (void)host;
  *nowhere = 1;
  return TN_OK;
}
#define FIXTURE_INIT crash
#include "fixture.h"
