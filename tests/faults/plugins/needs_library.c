/* Good, if the library that it ships is found; built once for each way to say where that is. */
#include <tenon/abi/tenon.h>

int fixture_private_answer(void);
static tn_status fixture_ask(const tn_host* host) {
  (void)host;
  return fixture_private_answer() == 42 ? TN_OK : TN_ERR_INTERNAL;
}
#define FIXTURE_ID "test.needs_library"
#define FIXTURE_INIT fixture_ask
#include "fixture.h"
