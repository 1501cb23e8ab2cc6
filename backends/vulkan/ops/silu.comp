// tn.silu: x / (1 + exp(-x)).
#version 450
#include "common.glsl"
#include "exact_math.glsl"
#define FUNCTION(x) silu(x)
#include "unary.glsl"
