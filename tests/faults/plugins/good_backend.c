/* A backend with one device that cannot be opened; all of its tables are complete. */
#define FIXTURE_ID "test.backend"
#include "backend.h"
