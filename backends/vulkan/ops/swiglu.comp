// tn.swiglu: silu(gate) * up.
#version 450
#include "common.glsl"
#include "exact_math.glsl"
#define FUNCTION(gate, up) (silu(gate) * (up))
#include "binary.glsl"
