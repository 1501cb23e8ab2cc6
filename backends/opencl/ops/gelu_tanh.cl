// tn.gelu_tanh: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x^3))).
#include "common.clh"
#include "exact_math.clh"
#define FUNCTION(x) gelu_tanh(x)
#include "unary.clh"
