// tn.swiglu: silu(gate) * up. A row of work-groups takes a row of values.
#version 450
layout(local_size_x = 256) in;
layout(std430, set = 0, binding = 0) readonly buffer Step { uint step_words[64]; };
layout(std430, set = 0, binding = 1) readonly buffer Gate { float gate[]; };
layout(std430, set = 0, binding = 2) readonly buffer Up { float up[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Result { float y[]; };
// 0 .. 10: where the data of a buffer begins; 12: values of a row; then words from one row to the next
// of gate, up and y.
layout(push_constant, std430) uniform Words { uint words[32]; };

void main() {
  const uint i = gl_GlobalInvocationID.x, n = words[12];
  if (i >= n) return;
  const uint row = gl_WorkGroupID.y;
  const float g = gate[words[0] + row * words[13] + i];
  y[words[2] + row * words[15] + i] = g / (1.0 + exp(-g)) * up[words[1] + row * words[14] + i];
}
