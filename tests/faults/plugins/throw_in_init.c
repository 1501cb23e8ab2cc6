/* Lets a C++ exception out of init; the throwing half is throw.cpp. */
#include <tenon/abi/base.h>
extern tn_status fixture_throw(const tn_host* host);
#define FIXTURE_INIT fixture_throw
#include "fixture.h"
