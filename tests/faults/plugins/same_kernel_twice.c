/* Two kernels of the same name. */
#define FIXTURE_KERNEL_ID "test.fixture.future"
#include "fixture.h"
