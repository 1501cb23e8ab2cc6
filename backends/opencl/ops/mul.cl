// tn.mul: a * b.
#include "common.clh"
#define FUNCTION(a, b) ((a) * (b))
#include "binary.clh"
