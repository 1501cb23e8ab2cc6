/* Built with (it says) the sanitizer that this host was built without. */
#include "framework/base/sanitizer.h"
#if defined(TENON_ASAN)
#define FIXTURE_SANITIZER "none"
#else
#define FIXTURE_SANITIZER "address,undefined"
#endif
#include "fixture.h"
