/* Lies about the size of a kernel description: absurdly long. */
#define FIXTURE_KERNEL_SIZE 0x7fffff00u
#include "fixture.h"
