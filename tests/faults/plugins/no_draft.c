/* Names no draft of the contract, as plugins did before there were drafts. */
#define FIXTURE_DRAFT ""
#include "fixture.h"
