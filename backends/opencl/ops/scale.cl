// tn.scale: factor * x.
#include "common.clh"
#define FUNCTION(x) (own_float(8) * (x))
#include "unary.clh"
