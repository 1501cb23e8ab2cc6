/* Built for ABI 2: another entry symbol, another major in its manifest. */
#define FIXTURE_ABI "2.0"
#define FIXTURE_MIN "2.0"
#define FIXTURE_ENTRY tenon_plugin_query_v2
#include "fixture.h"
