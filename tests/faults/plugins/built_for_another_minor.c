/* Built for ABI 1.9 by its code, for 1.0 by its manifest. */
#define FIXTURE_MINOR 9
#include "fixture.h"
