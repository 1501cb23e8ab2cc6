/* Offers a kernel of the name that the good plugin's has. */
#define FIXTURE_ID "test.takes_kernel"
#define FIXTURE_KERNEL_ID "test.good.kernel"
#include "fixture.h"
