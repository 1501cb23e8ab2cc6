/* Its constructor leaves a child behind that holds every descriptor; the plugin loads. */
#define FIXTURE_ID "test.spawner"
#include <unistd.h>

#include "fixture.h"
__attribute__((constructor)) static void spawn(void) {
  if (fork() == 0) {
    sleep(30);
    _exit(0);
  }
}
