// tn.softcap: cap * tanh(x / cap).
#version 450
#include "common.glsl"
#include "exact_math.glsl"
#define FUNCTION(x) softcap(x, own_float(8))
#include "unary.glsl"
