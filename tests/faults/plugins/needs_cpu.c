/* Needs a CPU feature that no machine has. */
#define FIXTURE_CPU "\"amx_fp8_none\""
#include "fixture.h"
