/* Its constructor crashes. */
#include "fixture.h"
static int* volatile nowhere = (int*)8;
__attribute__((constructor)) static void crash(void) { *nowhere = 1; }
