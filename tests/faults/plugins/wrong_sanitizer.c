/* Built with (it says) the sanitizer that this host was built without. */
#if defined(__SANITIZE_ADDRESS__)
#define FIXTURE_SANITIZER "none"
#else
#define FIXTURE_SANITIZER "address,undefined"
#endif
#include "fixture.h"
