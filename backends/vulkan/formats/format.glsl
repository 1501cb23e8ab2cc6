// The type of weights that the build compiles a kernel for (shaders.def).
#if defined(F32)
#include "f32.glsl"
#elif defined(F16)
#include "f16.glsl"
#elif defined(BF16)
#include "bf16.glsl"
#elif defined(Q8_0)
#include "q8_0.glsl"
#elif defined(Q4_0)
#include "q4_0.glsl"
#elif defined(Q4_1)
#include "q4_1.glsl"
#elif defined(Q5_0)
#include "q5_0.glsl"
#elif defined(Q5_1)
#include "q5_1.glsl"
#elif defined(Q4_K)
#include "q4_k.glsl"
#elif defined(Q5_K)
#include "q5_k.glsl"
#elif defined(Q6_K)
#include "q6_k.glsl"
#endif
