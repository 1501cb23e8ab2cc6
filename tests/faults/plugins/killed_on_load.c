/* Dies as by the kernel's hand when memory is short. */
#include <signal.h>
__attribute__((constructor)) static void killed(void) { raise(SIGKILL); }
#include "fixture.h"
