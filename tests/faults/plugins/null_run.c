/* A kernel whose mandatory function run is NULL. */
#define FIXTURE_RUN NULL
#include "fixture.h"
