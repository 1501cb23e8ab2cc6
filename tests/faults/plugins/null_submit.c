/* A backend whose mandatory function submit is NULL. */
#define BACKEND_SUBMIT NULL
#include "backend.h"
