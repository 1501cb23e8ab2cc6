// tn.gelu_erf: x/2 * (1 + erf(x / sqrt(2))).
#include "common.clh"
#include "exact_math.clh"
#define FUNCTION(x) gelu_erf(x)
#include "unary.clh"
