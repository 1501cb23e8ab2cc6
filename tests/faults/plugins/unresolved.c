/* Calls a function that nobody has. */
#include <tenon/abi/base.h>
extern tn_status foo_bar(const tn_host* host);
#define FIXTURE_INIT foo_bar
#include "fixture.h"
