// tn.add: a + b.
#version 450
#include "common.glsl"
#define FUNCTION(a, b) ((a) + (b))
#include "binary.glsl"
