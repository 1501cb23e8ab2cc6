// The filters between logits and a token,
// each a pure function of its arguments, in the order they run.
#pragma once

#include <span>
#include <string_view>

#include "framework/sampling/candidates.hpp"
#include "framework/sampling/recent_tokens.hpp"
#include "framework/sampling/sampling_params.hpp"

namespace tenon {

// --- over all logits -----------------------------------------------------------------------------
void add_logit_bias(const SamplingParams&, const RecentTokens&, std::span<float> logits);
void apply_penalties(const SamplingParams&, const RecentTokens&, std::span<float> logits);

struct LogitFilter {
  std::string_view name;
  void (*apply)(const SamplingParams&, const RecentTokens&, std::span<float> logits);
};

inline constexpr LogitFilter k_logit_filters[] = {
    {"logit_bias", add_logit_bias},
    {"penalties", apply_penalties},
};

// --- over candidates: each shortens `items` (never to nothing) or changes the logits -------------
void keep_typical(const SamplingParams&, Candidates&);
void keep_top_p(const SamplingParams&, Candidates&);
void keep_min_p(const SamplingParams&, Candidates&);
void scale_temperature(const SamplingParams&, Candidates&);

// The least logit that min_p keeps beside this best one.
float min_p_floor(const SamplingParams&, float max);

struct CandidateFilter {
  std::string_view name;
  void (*apply)(const SamplingParams&, Candidates&);
};

inline constexpr CandidateFilter k_candidate_filters[] = {
    {"typical", keep_typical},
    {"top_p", keep_top_p},
    {"min_p", keep_min_p},
    {"temperature", scale_temperature},
};

}  // namespace tenon
