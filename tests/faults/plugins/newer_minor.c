/* Needs a host of ABI 1.9, and says so in its manifest. */
#define FIXTURE_ABI "1.9"
#define FIXTURE_MIN "1.9"
#include "fixture.h"
