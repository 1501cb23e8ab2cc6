// Prints what a draw costs from a vocabulary of 262,144, for the usual settings.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

#include "framework/sampling/sampler.hpp"

namespace {

using namespace tenon;

constexpr std::size_t k_vocab = 262'144, k_draws = 101;

struct Setting {
  const char* name;
  float temperature, top_p, min_p, typical;
  std::int32_t top_k;
  float repeat_penalty;
};

constexpr Setting k_settings[] = {
    {"greedy", 0, 1, 0, 1, 0, 1},
    {"the defaults: top-k 40, top-p, min-p", 0.8f, 0.95f, 0.05f, 1, 40, 1},
    {"the defaults and a repeat penalty", 0.8f, 0.95f, 0.05f, 1, 40, 1.1f},
    {"top-k 2000", 0.8f, 1, 0, 1, 2000, 1},
    {"top-k off: top-p and min-p", 0.8f, 0.95f, 0.05f, 1, 0, 1},
    {"top-k off: top-p", 0.8f, 0.95f, 0, 1, 0, 1},
    {"top-k off: min-p", 0.8f, 1, 0.05f, 1, 0, 1},
    {"top-k off: typical", 0.8f, 1, 0, 0.9f, 0, 1},
    {"nothing but the temperature", 0.8f, 1, 0, 1, 0, 1},
};

// `sure`: a few tokens hold most of the mass, as in most steps of a real model; else many do.
std::vector<float> logits_of(bool sure, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 3);
  std::vector<float> logits(k_vocab);
  for (float& x : logits) x = normal(random);
  for (int i = 0; sure && i < 20; ++i) logits[random() % k_vocab] = 18 + normal(random);
  return logits;
}

double median_us(const Setting& s, bool sure) {
  SamplingParams params;
  params.temperature = s.temperature, params.top_p = s.top_p, params.min_p = s.min_p;
  params.typical = s.typical, params.top_k = s.top_k, params.repeat_penalty = s.repeat_penalty;
  params.seed = 1;
  auto sampler = Sampler::create(params, k_vocab);
  const std::vector<float> logits[] = {logits_of(sure, 1), logits_of(sure, 2), logits_of(sure, 3)};
  std::vector<double> us;
  for (std::size_t i = 0; i < k_draws; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto id = sampler->sample(logits[i % 3]);
    const auto end = std::chrono::steady_clock::now();
    if (id) sampler->accept(*id);
    us.push_back(std::chrono::duration<double, std::micro>(end - start).count());
  }
  std::nth_element(us.begin(), us.begin() + k_draws / 2, us.end());
  return us[k_draws / 2];
}

}  // namespace

int main() {
  std::printf("%-40s %10s %10s\n", "us per token, median", "sure", "unsure");
  for (const Setting& s : k_settings)
    std::printf("%-40s %10.0f %10.0f\n", s.name, median_us(s, true), median_us(s, false));
}
