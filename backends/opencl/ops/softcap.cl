// tn.softcap: cap * tanh(x / cap).
#include "common.clh"
#include "exact_math.clh"
#define FUNCTION(x) softcap(x, own_float(8))
#include "unary.clh"
