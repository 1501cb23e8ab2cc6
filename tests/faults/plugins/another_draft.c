/* Was built against a draft of the contract that is no longer this one. */
#define FIXTURE_DRAFT "0123456789abcdef"
#include "fixture.h"
