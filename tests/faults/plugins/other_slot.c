/* A good pack, of kernels for a slot that no device here publishes. */
#define FIXTURE_ID "test.other_slot"
#define FIXTURE_SLOT "test.elsewhere/1"
#include "fixture.h"
