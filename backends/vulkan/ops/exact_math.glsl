// Functions of one number, the same as backends/gpu/mirror/functions.hpp line by line. Every value is
// `precise`: multiplications and additions are rounded one by one, as on every other device.

const uint SIGN = 0x80000000u, INFINITE = 0x7f800000u;

uint magnitude_of(float x) { return floatBitsToUint(x) & ~SIGN; }
bool is_nan(float x) { return magnitude_of(x) > INFINITE; }

// What rounding took from p = a*b.
float product_error(float a, float b, float p) {
  precise float ta = a * 4097.0, a1 = ta - (ta - a), a2 = a - a1;
  precise float tb = b * 4097.0, b1 = tb - (tb - b), b2 = b - b1;
  precise float e = ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2;
  return e;
}

float recip(float x) {
  const uint magnitude = magnitude_of(x), sign = floatBitsToUint(x) & SIGN;
  const uint exponent = magnitude >> 23;
  if (magnitude > INFINITE) return x;
  if (exponent >= 253) return uintBitsToFloat(sign);
  if (exponent == 0) return uintBitsToFloat(sign | INFINITE);
  const float m = uintBitsToFloat((magnitude & 0x007fffffu) | 0x3f800000u);
  precise float y = uintBitsToFloat(0x7ef311c3u - floatBitsToUint(m));
  for (int i = 0; i < 3; ++i) {
    precise float miss = 2.0 - m * y;
    y = y * miss;
  }
  precise float p = m * y, residue = (1.0 - p) - product_error(m, y, p);
  y = y + y * residue;
  precise float scaled = y * uintBitsToFloat((254u - exponent) << 23);
  return uintBitsToFloat(floatBitsToUint(scaled) | sign);
}

// a/b
float divide(float a, float b) {
  precise float r = recip(b), q = a * r, p = q * b;
  precise float residue = (a - p) - product_error(q, b, p);
  precise float y = q + residue * r;
  return magnitude_of(y) < INFINITE ? y : q;
}

// 1/sqrt(x) of a positive number.
float rsqrt(float x) {
  precise float y = uintBitsToFloat(0x5f375a86u - (floatBitsToUint(x) >> 1));
  precise float half_x = 0.5 * x;
  for (int i = 0; i < 4; ++i) {
    precise float square = y * y, miss = 1.5 - half_x * square;
    y = y * miss;
  }
  return y;
}

// e^x
float exponential(float x) {
  if (is_nan(x)) return x;
  if (x > 88.72283) return uintBitsToFloat(INFINITE);
  if (x < -87.33) return 0.0;
  precise float turns = x * 1.44269502 + (x < 0.0 ? -0.5 : 0.5);
  const int n = int(turns);
  const float f = float(n);
  precise float high = x - f * 0.693359375, r = high + f * 2.12194442e-4;
  precise float p = 1.392692677e-03;
  p = p * r + 8.363774046e-03;
  p = p * r + 4.166654870e-02;
  p = p * r + 1.666657329e-01;
  p = p * r + 0.5;
  precise float square = r * r, rest = p * square + r, y = rest + 1.0;
  const int half_n = n / 2;
  const float a = uintBitsToFloat(uint(half_n + 127) << 23);
  const float b = uintBitsToFloat(uint(n - half_n + 127) << 23);
  precise float scaled = y * a * b;
  return scaled;
}

float hyperbolic_tangent(float x) {
  const uint sign = floatBitsToUint(x) & SIGN;
  const float a = uintBitsToFloat(magnitude_of(x));
  if (is_nan(x)) return x;
  if (a > 9.1) return uintBitsToFloat(sign | 0x3f800000u);
  if (a < 0.55) {
    precise float u = x * x, p = -6.610227749e-03;
    p = p * u + 2.130938880e-02;
    p = p * u + -5.390942842e-02;
    p = p * u + 1.333311349e-01;
    p = p * u + -3.333333135e-01;
    precise float cube = x * u, y = x + cube * p;
    return y;
  }
  precise float twice = 2.0 * a, e = exponential(twice) + 1.0;
  precise float y = 1.0 - divide(2.0, e);
  return uintBitsToFloat(floatBitsToUint(y) | sign);
}

// x/(1+e^-x)
float silu(float x) {
  precise float below = 1.0 + exponential(-x);
  return divide(x, below);
}

float gelu_tanh(float x) {
  precise float square = x * x, slope = 1.59576912 + 0.0713548163 * square;
  precise float u = x * slope, below = 1.0 + exponential(-u);
  return divide(x, below);
}

float gelu_erf(float x) {
  const float a = uintBitsToFloat(magnitude_of(x));
  precise float z = a * 0.707106769, half_x = 0.5 * x;
  if (is_nan(x)) return x;
  if (a > 14.5) return x > 0.0 ? x : 0.0;
  if (z < 0.7) {
    precise float u = z * z, p = 7.875874871e-05;
    p = p * u + -8.016864303e-04;
    p = p * u + 5.189087242e-03;
    p = p * u + -2.685421146e-02;
    p = p * u + 1.128359437e-01;
    p = p * u + -3.761262596e-01;
    p = p * u + 3.379165893e-03;
    precise float tail = z * p, erf = tail + z * 1.125;
    precise float part = half_x * erf, y = x > 0.0 ? half_x + part : half_x - part;
    return y;
  }
  precise float below = 1.0 + 0.353553385 * a, t = recip(below), p = -4.460544139e-02;
  p = p * t + 1.236141995e-01;
  p = p * t + -3.483255953e-02;
  p = p * t + -1.763727516e-01;
  p = p * t + 9.408012778e-02;
  p = p * t + 4.132821783e-02;
  p = p * t + 1.872637570e-01;
  p = p * t + 2.451284677e-01;
  p = p * t + 2.822422087e-01;
  p = p * t + 2.820893526e-01;
  precise float square = a * a, e = exponential(-0.5 * square);
  precise float lost = e * (0.5 * product_error(a, a, square)), erfc = (e - lost) * (p * t);
  precise float part = half_x * erfc, y = x > 0.0 ? x - part : part;
  return y;
}

float softcap(float x, float cap) {
  precise float y = cap * hyperbolic_tangent(divide(x, cap));
  return y;
}
