// tn.gelu_tanh: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x^3))).
#version 450
#include "common.glsl"
#include "exact_math.glsl"
#define FUNCTION(x) gelu_tanh(x)
#include "unary.glsl"
