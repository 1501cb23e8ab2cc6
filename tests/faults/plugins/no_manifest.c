/* A fine plugin but for its missing manifest. */
#define FIXTURE_NO_NOTE
#include "fixture.h"
