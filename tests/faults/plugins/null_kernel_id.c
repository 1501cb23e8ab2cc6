/* A kernel without a name. */
#define FIXTURE_KERNEL_ID NULL
#include "fixture.h"
