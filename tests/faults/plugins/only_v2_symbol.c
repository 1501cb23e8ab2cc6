/* Says ABI 1 in its manifest but exports the entry symbol of ABI 2 only. */
#define FIXTURE_ENTRY tenon_plugin_query_v2
#include "fixture.h"
