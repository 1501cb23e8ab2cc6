/* Needs a host of ABI 1.9, but its manifest does not say so. */
#define FIXTURE_MINOR_MIN 9
#include "fixture.h"
