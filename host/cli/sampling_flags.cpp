// Sampling flags and their transfer to a request.
#include "host/cli/sampling_flags.hpp"

#include <charconv>

namespace tenon::cli {
namespace {

template <class T>
bool parse_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

po::options_description sampling_flags(SamplingFlags& s) {
  po::options_description flags("Sampling", 100);
  flags.add_options()("temp", po::value(&s.temperature)->value_name("T"), "0.8; 0 is greedy")(
      "top-k", po::value(&s.top_k)->value_name("K"), "40; 0 is off")(
      "top-p", po::value(&s.top_p)->value_name("P"), "0.95; 1 is off")(
      "min-p", po::value(&s.min_p)->value_name("P"), "0.05; 0 is off")(
      "typical", po::value(&s.typical)->value_name("P"), "1 is off")(
      "repeat-penalty", po::value(&s.repeat_penalty)->value_name("X"), "1 is off")(
      "repeat-last-n", po::value(&s.repeat_last_n)->value_name("N"), "64")(
      "presence-penalty", po::value(&s.presence_penalty)->value_name("X"), "0 is off")(
      "frequency-penalty", po::value(&s.frequency_penalty)->value_name("X"), "0 is off")(
      "logit-bias", po::value(&s.logit_bias)->value_name("ID=B"), "add B to the logit of a token")(
      "seed", po::value<std::string>()->value_name("N"), "default: random, reported");
  return flags;
}

Status apply(const SamplingFlags& s, const po::variables_map& values, Request& request) {
  request.temperature(s.temperature)
      .top_k(s.top_k)
      .top_p(s.top_p)
      .min_p(s.min_p)
      .typical(s.typical);
  request.repeat_penalty(s.repeat_penalty, s.repeat_last_n);
  request.presence_penalty(s.presence_penalty).frequency_penalty(s.frequency_penalty);
  if (values.contains("seed")) {  // as text: a number would take -1 for 2^64 - 1
    std::uint64_t seed = 0;
    if (!parse_number(std::string_view(values["seed"].as<std::string>()), seed))
      return fail(ErrorCode::usage, "--seed must be a number from 0 to 18446744073709551615");
    request.seed(seed);
  }
  for (const std::string& rule : s.logit_bias) {
    const std::size_t equals = rule.find('=');
    Token id = 0;
    float bias = 0;
    if (equals == std::string::npos ||
        !parse_number(std::string_view(rule).substr(0, equals), id) ||
        !parse_number(std::string_view(rule).substr(equals + 1), bias))
      return fail(ErrorCode::usage, "--logit-bias \"" + rule + "\": write ID=B, as in 42=-1.5");
    request.logit_bias(id, bias);
  }
  return {};
}

}  // namespace tenon::cli
