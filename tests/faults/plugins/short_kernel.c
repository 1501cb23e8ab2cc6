/* Lies about the size of a kernel description: shorter than ABI 1.0. */
#define FIXTURE_KERNEL_SIZE 24
#include "fixture.h"
