// tn.geglu: gelu_tanh(gate) * up.
#include "common.clh"
#include "exact_math.clh"
#define FUNCTION(gate, up) (gelu_tanh(gate) * (up))
#include "binary.clh"
