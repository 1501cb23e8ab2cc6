/* Offers a kernel pack of the name that the good plugin's has. */
#define FIXTURE_ID "test.takes_pack"
#define FIXTURE_PACK "test.good.pack"
#include "fixture.h"
