/* Its manifest is not JSON. */
#define FIXTURE_MANIFEST "{\"abi\":\"1.0\",,,\x01\xff["
#include "fixture.h"
