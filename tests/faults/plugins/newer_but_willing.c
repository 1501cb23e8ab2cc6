/* Built for ABI 1.9, works with any 1.x host: it must load. */
#define FIXTURE_ID "test.willing"
#define FIXTURE_ABI "1.9"
#define FIXTURE_MINOR 9
#include "fixture.h"
