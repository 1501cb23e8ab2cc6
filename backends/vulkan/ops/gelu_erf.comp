// tn.gelu_erf: x/2 * (1 + erf(x / sqrt(2))).
#version 450
#include "common.glsl"
#include "exact_math.glsl"
#define FUNCTION(x) gelu_erf(x)
#include "unary.glsl"
