/* Its constructor never returns. */
#include <unistd.h>

#include "fixture.h"
__attribute__((constructor)) static void hang(void) {
  for (;;) pause();
}
