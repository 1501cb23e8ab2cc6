// tn.silu: x / (1 + exp(-x)).
#include "common.clh"
#include "exact_math.clh"
#define FUNCTION(x) silu(x)
#include "unary.clh"
