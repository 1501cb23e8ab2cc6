/* Its manifest and its code disagree about what it is. */
#define FIXTURE_CODE_ID "test.somebody_else"
#include "fixture.h"
