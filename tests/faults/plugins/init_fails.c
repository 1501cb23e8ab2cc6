/* init fails and says why. */
#include <tenon/abi/base.h>
static tn_status no_luck(const tn_host* host) {
  host->set_error(host->ctx, TN_ERR_UNSUPPORTED, __FILE__, __LINE__, "the moon is not full");
  return TN_ERR_UNSUPPORTED;
}
#define FIXTURE_INIT no_luck
#include "fixture.h"
