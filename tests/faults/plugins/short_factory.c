/* Lies about the size of its kernel factory: shorter than ABI 1.0. */
#define FIXTURE_FACTORY_SIZE 8
#include "fixture.h"
