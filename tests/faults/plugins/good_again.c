/* Another file with the id of good.c: the first in the search order wins. */
#define FIXTURE_ID "test.good"
#include "fixture.h"
