// Sums and maxima over 256 values by a fixed tree: value l takes in value l+128, then l+64, … A work-group
// has a lane for each or, where barriers cost, fewer lanes of which each has PARTS values: those of l,
// l+LANES, … Called by all lanes; one phase writes, the next reads.
const uint LANES = gl_WorkGroupSize.x, PARTS = 256 / gl_WorkGroupSize.x;

shared float lanes_[LANES];

float sum_of_parts(float parts[PARTS]) {
  const uint lane = gl_LocalInvocationIndex;
  [[unroll]] for (uint n = PARTS / 2; n > 0; n /= 2)
    [[unroll]] for (uint k = 0; k < n; ++k) {
      precise float sum = parts[k] + parts[k + n];
      parts[k] = sum;
    }
  lanes_[lane] = parts[0];
  barrier();
  for (uint n = LANES / 2; n > 0; n /= 2) {
    if (lane < n) {
      precise float sum = lanes_[lane] + lanes_[lane + n];
      lanes_[lane] = sum;
    }
    barrier();
  }
  const float total = lanes_[0];
  barrier();
  return total;
}

// What is no number is passed over.
float largest_of_parts(float parts[PARTS]) {
  const uint lane = gl_LocalInvocationIndex;
  [[unroll]] for (uint n = PARTS / 2; n > 0; n /= 2)
    [[unroll]] for (uint k = 0; k < n; ++k)
      if (parts[k + n] > parts[k]) parts[k] = parts[k + n];
  lanes_[lane] = parts[0];
  barrier();
  for (uint n = LANES / 2; n > 0; n /= 2) {
    if (lane < n && lanes_[lane + n] > lanes_[lane]) lanes_[lane] = lanes_[lane + n];
    barrier();
  }
  const float largest = lanes_[0];
  barrier();
  return largest;
}

// Of kernels that have all 256 lanes.
float sum_of_lanes(float value) {
  float parts[PARTS];
  parts[0] = value;
  return sum_of_parts(parts);
}
float largest_of_lanes(float value) {
  float parts[PARTS];
  parts[0] = value;
  return largest_of_parts(parts);
}
