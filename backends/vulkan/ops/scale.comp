// tn.scale: factor * x.
#version 450
#include "common.glsl"
#define FUNCTION(x) (own_float(8) * (x))
#include "unary.glsl"
