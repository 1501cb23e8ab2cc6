// What every kernel includes first: the step block, the push words, and buffers that know where
// their data begins. Buffers are numbered as those of the Dispatch (backends/gpu/dispatch.hpp).
//   FLOATS(0, x) float[], read only; FLOATS_OUT(1, y) read and written; WORDS, WORDS_OUT, INTS: the
//   same of uint and int. Element i is x[first(0) + i]: first() is what the device put before a view.
// A work-group is 256 invocations along x, or what specialisation constant LANES_ID says. Everything that could be fused or reassociated goes into
// a `precise` variable.

#extension GL_EXT_control_flow_attributes : require

#ifdef LANES_ID
layout(local_size_x = 256, local_size_x_id = LANES_ID) in;
#else
layout(local_size_x = 256) in;
#endif

layout(std430, set = 0, binding = 0) readonly restrict buffer Step { uint step_words[64]; };
layout(push_constant, std430) uniform Push { uint push_words[32]; };

#define BUFFER_(n, b) layout(std430, set = 0, binding = n + 1) b buffer Buffer##n
#define FLOATS(n, name) BUFFER_(n, readonly restrict) { float name[]; }
#define FLOATS_OUT(n, name) BUFFER_(n, restrict) { float name[]; }
#define WORDS(n, name) BUFFER_(n, readonly restrict) { uint name[]; }
#define WORDS_OUT(n, name) BUFFER_(n, restrict) { uint name[]; }
#define INTS(n, name) BUFFER_(n, readonly restrict) { int name[]; }
#define INTS_OUT(n, name) BUFFER_(n, restrict) { int name[]; }

// Extents of this step (tn_tensor.sym).
const uint STATIC = 0, ROWS = 1, OUT_ROWS = 2, SEQS = 3, END = 4;
uint extent(uint sym) { return step_words[sym]; }
uint extent_or(uint sym, uint otherwise) { return sym == STATIC ? otherwise : step_words[sym]; }

// In 32-bit words: where the data of buffer n begins.
uint first(uint n) { return push_words[n]; }
// The first row of the range of a split weight that is bound.
uint first_row() { return push_words[11]; }
// The op's own words: own(0) is Dispatch.push[0].
uint own(uint i) { return push_words[12 + i]; }
float own_float(uint i) { return uintBitsToFloat(push_words[12 + i]); }
