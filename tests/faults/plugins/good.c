/* A plugin with nothing wrong: one usable kernel, one for a machine of the future, one layout. */
#define FIXTURE_ID "test.good"
#include "fixture.h"
