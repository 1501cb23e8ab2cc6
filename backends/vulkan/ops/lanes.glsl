// Sums and maxima over the 256 lanes of a work-group, by a fixed tree: lane l takes in lane l+128,
// then l+64, … Called by all lanes; one phase writes, the next reads.

shared float lanes_[256];

float sum_of_lanes(float value) {
  const uint lane = gl_LocalInvocationIndex;
  lanes_[lane] = value;
  barrier();
  for (uint n = 128; n > 0; n /= 2) {
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
float largest_of_lanes(float value) {
  const uint lane = gl_LocalInvocationIndex;
  lanes_[lane] = value;
  barrier();
  for (uint n = 128; n > 0; n /= 2) {
    if (lane < n && lanes_[lane + n] > lanes_[lane]) lanes_[lane] = lanes_[lane + n];
    barrier();
  }
  const float largest = lanes_[0];
  barrier();
  return largest;
}
