/* Offers a backend of the name that the good backend's has. */
#define FIXTURE_ID "test.takes_backend"
#include "backend.h"
