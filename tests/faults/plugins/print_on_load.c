/* Writes to the standard streams while loading: rude, but it works. */
#define FIXTURE_ID "test.printer"
#include <stdio.h>

#include "fixture.h"
__attribute__((constructor)) static void print(void) {
  puts("I am a plugin");
  fprintf(stderr, "really\n");
}
