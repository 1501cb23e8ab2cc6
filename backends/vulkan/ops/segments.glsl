// The main of the matmuls, after add_segment: the segments of a lane from left to right.
void main() {
  find_part();
  if (gl_WorkGroupID.y * NY >= x_rows_) return;
  float sums[N_SUMS];
  for (uint k = 0; k < N_SUMS; ++k) sums[k] = 0;
  for (uint s = first_segment(); s < end_segment(); ++s) {
    float t[N_SUMS];
    for (uint k = 0; k < N_SUMS; ++k) t[k] = 0;
    add_segment(s, t);
    for (uint k = 0; k < N_SUMS; ++k) {
      precise float sum = sums[k] + t[k];
      sums[k] = s == first_segment() ? t[k] : sum;
    }
  }
  store_all(sums);
}
