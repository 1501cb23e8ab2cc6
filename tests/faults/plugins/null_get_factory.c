/* A plugin whose mandatory function get_factory is NULL. */
#define FIXTURE_GET_FACTORY NULL
#include "fixture.h"
