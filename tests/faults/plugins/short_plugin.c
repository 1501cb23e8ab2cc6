/* Lies about the size of its tn_plugin: shorter than ABI 1.0. */
#define FIXTURE_PLUGIN_SIZE 16
#include "fixture.h"
