// tn.swiglu: silu(gate) * up.
#include "common.clh"
#include "exact_math.clh"
#define FUNCTION(gate, up) (silu(gate) * (up))
#include "binary.clh"
