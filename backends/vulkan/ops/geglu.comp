// tn.geglu: gelu_tanh(gate) * up.
#version 450
#include "common.glsl"
#include "exact_math.glsl"
#define FUNCTION(gate, up) (gelu_tanh(gate) * (up))
#include "binary.glsl"
